-- lib/day.lua: counters of a UTC day.

local COUNTERS_KEEP_S = 400 * 86400

-- Adds to a counter of a day. The first count of a field renews the day's lifetime.
local function day_count(day, field, by)
    if redis.call('HINCRBY', day, field, by) == tonumber(by) then
        redis.call('EXPIRE', day, COUNTERS_KEEP_S)
    end
end
