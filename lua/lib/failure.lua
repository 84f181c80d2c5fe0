-- lib/failure.lua: bookings that failed, counted: each attempt on its own day, also those of which
-- no lead was made.

-- @include lib/day_names.lua

-- day: yyyymmdd. f: reason, other: slugs, by the rule that decides and by the other one; date:
-- yyyy-mm-dd or ''; time: as asked for, or ''; captured: is there a lead of it?
local function failure_count(T, day, f)
    local counters = 'crm_fail_' .. T .. day
    day_count(counters, 'failures', 1)
    day_count(counters, f.reason, 1)
    if f.captured then
        day_count(counters, 'captured', 1)
        day_count(counters, 'captured:' .. f.reason, 1)
    end
    if f.other ~= f.reason then day_count(counters, 'disagree', 1) end
    if f.date ~= '' then day_name_count('crm_demand_' .. T .. day, f.date .. ' ' .. f.time, 1) end
end
