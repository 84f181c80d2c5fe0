-- lib/failure.lua: bookings that failed, counted: each attempt on its own day, also those of which
-- no lead was made.

-- @include lib/day.lua

local DEMAND_MAX = 5000

-- day: yyyymmdd; f: {reason, refined: slugs, date: yyyy-mm-dd or '', time: as asked for or '',
-- captured: is there a lead of it?}
local function failure_count(T, day, f)
    local counters = 'crm_fail_' .. T .. day
    day_count(counters, 'failures', 1)
    day_count(counters, f.reason, 1)
    if f.captured then
        day_count(counters, 'captured', 1)
        day_count(counters, 'captured:' .. f.reason, 1)
    end
    if f.refined ~= f.reason then day_count(counters, 'disagree', 1) end
    if f.date == '' then return end
    local demand = 'crm_demand_' .. T .. day
    if redis.call('ZINCRBY', demand, 1, f.date .. ' ' .. f.time) == '1' then
        redis.call('EXPIRE', demand, COUNTERS_KEEP_S)
        if redis.call('ZCARD', demand) > DEMAND_MAX then
            redis.call('ZREMRANGEBYRANK', demand, 0, 0)
        end
    end
end
