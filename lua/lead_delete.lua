#!lua
-- lead_delete: a lead is gone for good: its record, its conversation, its tasks and alert, its
-- wishes for slots, and its place in all lists and counters. What its person did stays in the
-- person's timeline.
-- @keys 2
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- KEYS[2]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"              ARGV[3]  tag after, <t>
-- ARGV[4]  now ms
-- then pairs of name and value: version, again, again_print
-- Returns  {replayed 0|1, lead id, lead number}
-- Errors   NOTFOUND, VERSION, MISMATCH
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

local T, t, now = ARGV[1], ARGV[3], ARGV[4]
local e = {}
for i = 5, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 4 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR lead_delete: its arguments are not what it expects')
end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known ~= nil then return seen_repeat(known) end
end

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. T .. (redis.call('GET', key) or '') end
local lead = lead_read(T, string.sub(key, #('crm_lead_' .. T) + 1))
if not lead then return redis.error_reply('NOTFOUND no such lead') end
if e.version and e.version ~= lead.v then return redis.error_reply('VERSION ' .. lead.v) end
local c, sides = lead_person(T, lead)
local waits = redis.call('HGET', 'crm_lead_' .. T .. lead.id, 'waits') or ''

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.again then seen_claim(e.again, now, e.again_print, lead.id .. ' ' .. lead.no) end
lead_listed(T, t, lead, nil, now)
redis.call('DEL', key, 'crm_lead_no_' .. T .. lead.no)
lead_windows_end(T, lead, {'phone', 'session', 'ip', 'wa'})
local student = lead.student_id and 'crm_lead_student_' .. T .. lead.student_id
if student and redis.call('GET', student) == lead.id then redis.call('DEL', student) end

if lead.alert_id then
    redis.call('ZREM', 'crm_alert_open' .. t, lead.alert_id)
    redis.call('DEL', 'crm_alert_' .. T .. lead.alert_id)
end
local TASKS_LISTED = 200 -- of a contact
local tasks = {}
for _, task in ipairs(c and redis.call('ZRANGE', 'crm_contact_task_' .. T .. c, 0,
    TASKS_LISTED - 1) or {}) do
    if redis.call('HGET', 'crm_task_' .. T .. task, 'lead_id') == lead.id then
        if task_is_open(T, task) then
            redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'open_tasks', -1)
        end
        task_delete(T, t, task)
        tasks[#tasks + 1] = task
    end
end
for slot in string.gmatch(waits, '%S+') do
    local entry = slot .. ':' .. lead.id
    redis.call('DEL', 'crm_waitlist_entry_' .. T .. entry)
    redis.call('ZREM', 'crm_waitlist_' .. T .. slot, lead.id)
    redis.call('ZREM', 'crm_waitlist_waiting' .. t, entry)
    redis.call('ZREM', 'crm_waitlist_told' .. t, entry)
end

local MESSAGES_OF_A_LOOK = 500
-- The lead's messages in a conversation, which is its person's.
local function conversation_ends(record)
    local messages, from = 'crm_message_' .. T .. record, 0
    local mine = '"l":"' .. lead.id .. '"'
    repeat
        local rows = redis.call('ZRANGE', messages, from, from + MESSAGES_OF_A_LOOK - 1)
        for _, message in ipairs(rows) do
            if string.find(message, mine, 1, true) then
                redis.call('ZREM', messages, message)
            else
                from = from + 1
            end
        end
    until #rows < MESSAGES_OF_A_LOOK
end

for turn = 0, c and #sides or -1 do
    local record = turn == 0 and c or sides[turn]
    redis.call('ZREM', 'crm_contact_lead_' .. T .. record, lead.id)
    redis.call('SREM', 'crm_contact_alias_' .. T .. record, 'lead:' .. lead.id)
    conversation_ends(record)
    local merge = turn > 0 and 'crm_merge_' .. T .. string.sub(record, 15)
    if merge then
        redis.call('HDEL', merge, 'recovered:' .. lead.id, 'converted:' .. lead.id)
    end
    for _, task in ipairs(tasks) do
        redis.call('ZREM', 'crm_contact_task_' .. T .. record, task)
        if merge then redis.call('HDEL', merge, 'closed:' .. task) end
    end
end
if c then person_scored(T, t, c, sides, now) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'c', c or '', 't', 'lead.deleted', 'l',
    lead.id, 'x', tasks[1] or '')
return {0, lead.id, lead.no}
