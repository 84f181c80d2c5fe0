#!lua flags=no-writes
-- duplicate_list: a page of the pairs of contacts that may be one person, newest first. Pairs that
-- are one contact by now, or of which one is gone, are left out.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  pairs by the time they were noticed
-- ARGV[1]  tag before, <T>       ARGV[2]  most rows                 ARGV[3]  change id the caller
--                                                                            has, or ""
-- ARGV[4]  score and             ARGV[5]  beginning of the last member of the page before, or ""
--                                         and ""
-- Returns  {change id, {{<c>, <c>, kind, reason, value, since}, …}, more 0|1, score, beginning of
--          the last member looked at}; only {change id} when the caller has that already
-- @include lib/page.lua
-- @include lib/change.lua
-- @include lib/resolve.lua

local T, limit = ARGV[1], tonumber(ARGV[2])
local PLACE = 400 -- bytes of a member that tell where it stands: both contacts and much more
local newest = change_id(KEYS[1])
if newest == ARGV[3] then return {newest} end

local known = {}
local function living(c)
    if known[c] == nil then known[c] = contact_resolve(T, c) or false end
    return known[c]
end

local page = page_read(KEYS[2], true, '+inf', ARGV[4], ARGV[5], limit + 1)
local rows, count = {}, math.min(#page / 2, limit)
for i = 1, count do
    local a, b, kind, reason, value = string.match(page[2 * i - 1], '^(%S+) (%S+) (%S+) (%S+) (.*)')
    a, b = a and living(a), b and living(b)
    if a and b and a ~= b then rows[#rows + 1] = {a, b, kind, reason, value, page[2 * i]} end
end
return {newest, rows, #page / 2 > limit and 1 or 0, page[2 * count] or '',
    string.sub(page[2 * count - 1] or '', 1, PLACE)}
