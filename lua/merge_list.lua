#!lua flags=no-writes
-- merge_list: a page of the merges, newest first; those whose record has expired are left out.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  merges by time
-- ARGV[1]  tag before, <T>       ARGV[2]  most rows                 ARGV[3]  change id the caller
--                                                                            has, or ""
-- ARGV[4]  score and             ARGV[5]  id of the last row of the page before, or "" and ""
-- Returns  {change id, {{id, winner, loser, automatic, reason, evidence, at, undone_at}, …}, more
--          0|1, score, id of the last row looked at}; only {change id} when the caller has that
-- @include lib/page.lua
-- @include lib/change.lua

local T, limit = ARGV[1], tonumber(ARGV[2])
local newest = change_id(KEYS[1])
if newest == ARGV[3] then return {newest} end

local page = page_read(KEYS[2], true, '+inf', ARGV[4], ARGV[5], limit + 1)
local rows, count = {}, math.min(#page / 2, limit)
for i = 1, count do
    local row = redis.call('HMGET', 'crm_merge_' .. T .. page[2 * i - 1], 'id', 'winner', 'loser',
        'automatic', 'reason', 'evidence', 'at', 'undone_at')
    if row[1] then rows[#rows + 1] = row end
end
return {newest, rows, #page / 2 > limit and 1 or 0, page[2 * count] or '',
    page[2 * count - 1] or ''}
