#!lua flags=no-writes
-- slot_list: the slots of some days.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  days that have slots
-- ARGV[1]  tag before, <T>       ARGV[2]  first and                 ARGV[3]  last day, yyyymmdd
-- ARGV[4]  how many are wanted   ARGV[5]  now ms
-- ARGV[6]  day of the last slot of the page before, yyyy-mm-dd, or "": not all of it may be wanted
-- Returns  {change id, date, time, end, capacity, booked, held, …}: whole days, in order, until
--          there are as many as are wanted; within a day in no order
-- @include lib/change.lua
-- @include lib/slot.lua

local wanted = tonumber(ARGV[4])
local rows, begun = {change_id(KEYS[1])}, 1
for _, date in ipairs(redis.call('ZRANGE', KEYS[2], ARGV[2], ARGV[3], 'BYSCORE', 'LIMIT', 0,
    wanted + 1)) do
    if #rows - begun < 6 * wanted then slot_rows(ARGV[1], date, ARGV[5], rows) end
    if date == ARGV[6] then begun = #rows end
end
return rows
