#!lua flags=no-writes
-- behavior_day: what was viewed, searched for and done on one day.
-- @keys 2
-- KEYS[1]  vehicles and locations of the day                        KEYS[2]  counters of the day
-- Returns  {{name, count, …}, {field, value, …}}

return {redis.call('ZRANGE', KEYS[1], 0, 999, 'REV', 'WITHSCORES'), redis.call('HGETALL', KEYS[2])}
