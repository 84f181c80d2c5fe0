#!lua flags=no-writes
-- lead_stats: how many leads there are in each state.
-- @keys 5
-- KEYS[1]  change stream         KEYS[2…5] sorted sets of leads by creation: open, converted, put
-- aside, converted and put aside; and KEYS[6…] further ones, four by four
-- ARGV[1]  least and             ARGV[2]  greatest creation, as of ZCOUNT
-- Returns  {change id, open, converted, put aside, converted and put aside}
-- @include lib/change.lua

local sums = {0, 0, 0, 0}
for i = 2, #KEYS do
    local state = (i - 2) % 4 + 1
    sums[state] = sums[state] + redis.call('ZCOUNT', KEYS[i], ARGV[1], ARGV[2])
end
return {change_id(KEYS[1]), unpack(sums)}
