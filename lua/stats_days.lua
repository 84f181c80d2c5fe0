#!lua flags=no-writes
-- stats_days: chosen counters of some days; the caller asks for a few days at a time.
-- @keys 1
-- KEYS[1…]  counters of a day, at most 64
-- ARGV[1…]  fields; at most 512 reads in all
-- Returns  {{value or false, …}, …}, one array for each day

local days = {}
for i, key in ipairs(KEYS) do days[i] = redis.call('HMGET', key, unpack(ARGV)) end
return days
