#!lua flags=no-writes
-- waitlist_list: a page of those who wait for a slot, or for any, or who were told.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  the slot's line, all who wait, or those who were told
-- ARGV[1]  tag before, <T>       ARGV[2]  most rows                 ARGV[3]  change id the caller
--                                                                            has, or ""
-- ARGV[4]  score and             ARGV[5]  member of the last row before, or "" and ""
-- ARGV[6]  highest score, or "+inf"                                 ARGV[7]  "asc" or "desc"
-- ARGV[8]  of a line: its slot, as in keys; otherwise ""
-- Returns  {change id, {{contact id, position in line or 0, {field, value, …}}, …}, more 0|1,
--          score, member of the last row looked at}; only {change id} when the caller has that
-- @include lib/page.lua
-- @include lib/change.lua

local T, limit = ARGV[1], tonumber(ARGV[2])
local newest = change_id(KEYS[1])
if newest == ARGV[3] then return {newest} end

local page = page_read(KEYS[2], ARGV[7] == 'desc', ARGV[6], ARGV[4], ARGV[5], limit + 1)
local rows, count = {}, math.min(#page / 2, limit)
for i = 1, count do
    local member = ARGV[8] .. (ARGV[8] ~= '' and ':' or '') .. page[2 * i - 1]
    local entry = redis.call('HGETALL', 'crm_waitlist_entry_' .. T .. member)
    if #entry > 0 then
        local slot, lead = string.sub(member, 1, -38), string.sub(member, -36)
        local position = redis.call('ZRANK', 'crm_waitlist_' .. T .. slot, lead)
        rows[#rows + 1] = {redis.call('HGET', 'crm_lead_' .. T .. lead, 'contact_id') or '',
            position and position + 1 or 0, entry}
    end
end
return {newest, rows, #page / 2 > limit and 1 or 0, page[2 * count] or '',
    page[2 * count - 1] or ''}
