#!lua flags=no-writes
-- response_bars: how long leads of one day waited for their first contact, as a histogram.
-- @keys 1
-- KEYS[1]  counters of the leads made on the day (lib/lead.lua)
-- ARGV[1…] sources, as they are counted
-- Returns  {bar, leads, …}, a bar once for each source that has it

local asked, bars = {}, {}
for _, source in ipairs(ARGV) do asked[source] = true end
local counters = redis.call('HGETALL', KEYS[1])
for i = 1, #counters, 2 do
    local source, bar = string.match(counters[i], '^(.*):bar:(%d+)$')
    if asked[source] then bars[#bars + 1], bars[#bars + 2] = bar, counters[i + 1] end
end
return bars
