#!lua flags=no-writes
-- task_list: one page of tasks in the order of an index.
-- @keys 3
-- KEYS[1]  change stream         KEYS[2]  sorted set of task ids    KEYS[3]  open tasks by due time
-- ARGV[1]  tag before, <T>       ARGV[2]  most rows                 ARGV[3]  now ms
-- ARGV[4]  highest score, "+inf" or a time                          ARGV[5]  status wanted, or ""
-- ARGV[6]  change id and         ARGV[7]  number of overdue tasks the caller has, or "" and ""
-- ARGV[8]  score and             ARGV[9]  id of the last row of the page before, or "" and ""
-- ARGV[10] <c> when KEYS[2] is a contact's list, or "": one that was merged away names its winner
-- Returns  {change id, overdue, {{id, {field, value, …}}, …}, more 0|1, score, id of the last row
--          looked at}; only {change id, overdue} when the caller has those
-- @include lib/page.lua
-- @include lib/change.lua
-- @include lib/resolve.lua

local T, limit, status = ARGV[1], tonumber(ARGV[2]), ARGV[5]
local newest = change_id(KEYS[1])
local overdue = redis.call('ZCOUNT', KEYS[3], '-inf', '(' .. ARGV[3])
if newest == ARGV[6] and tostring(overdue) == ARGV[7] then return {newest, overdue} end

local list = KEYS[2]
if ARGV[10] ~= '' then
    list = 'crm_contact_task_' .. T .. (contact_resolve(T, ARGV[10]) or ARGV[10])
end
local page = page_read(list, false, ARGV[4], ARGV[8], ARGV[9], limit + 1)
local rows, count = {}, math.min(#page / 2, limit)
for i = 1, count do
    local id = page[2 * i - 1]
    local row = redis.call('HGETALL', 'crm_task_' .. T .. id)
    local wanted = #row > 0
    for j = 1, #row, 2 do
        if row[j] == 'status' and status ~= '' and row[j + 1] ~= status then wanted = false end
    end
    if wanted then rows[#rows + 1] = {id, row} end
end
return {newest, overdue, rows, #page / 2 > limit and 1 or 0, page[2 * count] or '',
    page[2 * count - 1] or ''}
