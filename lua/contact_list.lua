#!lua flags=no-writes
-- contact_list: a page of contacts in the order of an index, or those changed since a position.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2…] sorted sets of contacts (by creation, revenue, status),
--                                         each contact in one of them
-- ARGV[1]  tag before, <T>       ARGV[2]  "asc", "desc" or "since"
-- ARGV[3]  most rows             ARGV[4]  change id the caller has, or ""
-- ARGV[5]  score and             ARGV[6]  member of the page before's last row, or "" and "";
--                                         with "since" ARGV[5] is the position
-- ARGV[7]  field and             ARGV[8]  the only value of it that a row may have, or "" and "":
--                                         rows with another one are listed by another index
-- Returns  {change id, {{score, {field, value, …}}, …}, more 0|1, score, member of the last row
--          looked at}; only {change id} when the caller has that already. With "since" a contact
--          that is gone has the fields id and deleted
-- Errors   TOOOLD
-- @include lib/page.lua
-- @include lib/pages.lua
-- @include lib/change.lua
-- @include lib/changed.lua

local T, limit = ARGV[1], tonumber(ARGV[3])
local newest = change_id(KEYS[1])
if newest == ARGV[4] then return {newest} end

local function contact(c)
    return redis.call('HGETALL', 'crm_contact_' .. T .. c)
end

if ARGV[2] == 'since' then
    local changed, position, more = change_contacts(KEYS[1], ARGV[5], limit)
    if changed == nil then return redis.error_reply('TOOOLD the position has left the stream') end
    local rows = {}
    for _, c in ipairs(changed) do
        local row = contact(c)
        rows[#rows + 1] = {'0', #row > 0 and row or {'id', 'contact_' .. c, 'deleted', '1'}}
    end
    return {position, rows, more and 1 or 0, '', ''}
end

local page = pages_read(KEYS, 2, ARGV[2] == 'desc', ARGV[5], ARGV[6], limit + 1)
local rows, count = {}, math.min(#page / 2, limit)
for i = 1, count do
    local row = contact(page[2 * i - 1])
    local skip = #row == 0
    for j = 1, #row, 2 do
        if row[j] == ARGV[7] and row[j + 1] ~= ARGV[8] then skip = true end
    end
    if not skip then rows[#rows + 1] = {page[2 * i], row} end
end
return {newest, rows, #page / 2 > limit and 1 or 0, page[2 * count] or '',
    page[2 * count - 1] or ''}
