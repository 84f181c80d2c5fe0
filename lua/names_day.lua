#!lua flags=no-writes
-- names_day: what was counted most on one day.
-- @keys 1
-- KEYS[1]  names of the day, a sorted set
-- Returns  {name, count, …}, the first 1,000

return redis.call('ZRANGE', KEYS[1], 0, 999, 'REV', 'WITHSCORES')
