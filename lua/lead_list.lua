#!lua flags=no-writes
-- lead_list: a page of leads in the order of an index.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2…] sorted sets of leads, each lead in one of them
-- ARGV[1]  tag before, <T>       ARGV[2]  "asc" or "desc"
-- ARGV[3]  most rows             ARGV[4]  change id the caller has, or ""
-- ARGV[5]  score and             ARGV[6]  member of the last row before, or "" and ""
-- ARGV[7]  rows to pass over first, in the order of the index
-- Returns  {change id, {{field, value, …}, …}, more 0|1, score, member of the last row looked at,
--          rows in all}; only {change id} when the caller has that already
-- @include lib/page.lua
-- @include lib/pages.lua
-- @include lib/change.lua

local T, limit, skip = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[7])
local newest = change_id(KEYS[1])
if newest == ARGV[4] then return {newest} end

local total = 0
for i = 2, #KEYS do total = total + redis.call('ZCARD', KEYS[i]) end
local page
if #KEYS == 2 and skip > 0 then -- one index: by rank
    local command = {'ZRANGE', KEYS[2], skip, skip + limit, 'WITHSCORES'}
    if ARGV[2] == 'desc' then command[#command + 1] = 'REV' end
    page = redis.call(unpack(command))
    skip = 0
else
    page = pages_read(KEYS, 2, ARGV[2] == 'desc', ARGV[5], ARGV[6], skip + limit + 1)
end
local found = #page / 2
local last = math.min(found, skip + limit)
local rows = {}
for i = skip + 1, last do
    local row = redis.call('HGETALL', 'crm_lead_' .. T .. page[2 * i - 1])
    if #row > 0 then rows[#rows + 1] = row end
end
return {newest, rows, found > last and 1 or 0, page[2 * last] or '', page[2 * last - 1] or '',
    total}
