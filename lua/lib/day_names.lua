-- lib/day_names.lua: names that are counted over a UTC day, a sorted set.

-- @include lib/day.lua

local DAY_NAMES_MAX = 5000

-- Adds to a name's count. Of too many names the least counted one is dropped.
local function day_name_count(day, name, by)
    if tonumber(redis.call('ZINCRBY', day, by, name)) ~= by then return end
    redis.call('EXPIRE', day, COUNTERS_KEEP_S)
    if redis.call('ZCARD', day) > DAY_NAMES_MAX then
        redis.call('ZREMRANGEBYRANK', day, 0, 0)
    end
end
