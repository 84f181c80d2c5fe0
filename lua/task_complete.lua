#!lua
-- task_complete: a person has done a task. One that is closed stays as it is.
-- @keys 2
-- KEYS[1]  the task's hash       KEYS[2]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  id of the task        ARGV[5]  outcome                   ARGV[6]  note, or ""
-- ARGV[7]  who has done it, or ""
-- ARGV[8]  id of an activity     ARGV[9]  its data, JSON: of the lead that is contacted by it
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, {field, value, …}}
-- Errors   NOTFOUND, MISMATCH
-- @include lib/seen.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/sides.lua
-- @include lib/capture.lua
-- @include lib/lead.lua
-- @include lib/task.lua
-- @include lib/task_write.lua
-- @include lib/alert.lua
-- @include lib/lead_person.lua

local T, t, now, id, outcome = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local e = {}
for i = 10, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 9 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR task_complete: its arguments are not what it expects')
end

local task = record_read(KEYS[1], {'contact_id', 'status', 'lead_id'})
if not task or task.status == 'held' then return redis.error_reply('NOTFOUND no such task') end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known == false then return seen_repeat(known) end
    if known then return {1, redis.call('HGETALL', KEYS[1])} end
end
local lead = outcome == 'reached' and task.lead_id and lead_read(T, task.lead_id)

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.again then seen_claim(e.again, now, e.again_print, id) end
if not task_is_open(T, id) then return {0, redis.call('HGETALL', KEYS[1])} end
local c = string.sub(task.contact_id, 9)
task_close(T, t, id, now, 'done', outcome)
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'done_note', ARGV[6]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'done_by', ARGV[7]) end
redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'open_tasks', -1)
redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'v', 1)
redis.call('HSET', 'crm_contact_' .. T .. c, 'updated_at', now)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'task.completed', 'x', id)
if lead then
    lead_is_contacted(T, t, lead, now, now, {id = ARGV[8], data = ARGV[9], by = ARGV[7]}, KEYS[2])
end
return {0, redis.call('HGETALL', KEYS[1])}
