#!lua
-- slot_put: feeds slots, all of them or none; who waits for a place of them is told of it.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  days that have slots
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  slots, JSON: [{"d": date, "t": time, "k": the time as in keys, where that differs,
--          "c": capacity, "b": booked or absent: as it was, "e": end, "" for none, or absent: as it
--          was}, …]; without "c" the slot, which is there, is left as it is but for its waitlist
-- ARGV[5]  ids of tasks to be, with blanks between them
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, number of slots, 1: told everybody; 0: the ids did not suffice}
-- Errors   INVALID <index of the slot, from 0> booked|date, MISMATCH
-- @include lib/seen.lua
-- @include lib/slot.lua
-- @include lib/slot_settle.lua

local SLOTS_OF_DAY = 100

local T, t, now = ARGV[1], ARGV[2], ARGV[3]
local e = {}
for i = 6, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 5 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR slot_put: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end

local items = cjson.decode(ARGV[4])
local days, changed = {}, {} -- changed: each slot once, in the order of the call
for i, item in ipairs(items) do
    local key = 'crm_slot_' .. T .. item.d
    local day = days[item.d] or {count = redis.call('HLEN', key), slots = {}}
    days[item.d] = day
    local slot = day.slots[item.t]
    if not slot then
        slot = slot_read(key, item.t)
        if not slot and item.c then
            slot = {booked = 0}
            day.count = day.count + 1
        end
        if slot then
            day.slots[item.t] = slot
            changed[#changed + 1] = {slot = slot,
                place = {date = item.d, time = item.t, key = item.k or item.t}}
        end
    end
    if item.c then
        slot.capacity, slot.booked, slot.key = item.c, item.b or slot.booked, item.k
        if item.e then slot['end'] = item.e ~= '' and item.e or nil end
        slot.at = tonumber(now)
        if slot.booked > slot.capacity then
            return redis.error_reply('INVALID ' .. i - 1 .. ' booked')
        elseif day.count > SLOTS_OF_DAY then
            return redis.error_reply('INVALID ' .. i - 1 .. ' date')
        end
    end
end

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.again then seen_claim(e.again, now, e.again_print, #items .. ' 1') end
local ids, told = slot_ids(ARGV[5]), true
for date in pairs(days) do
    local number = string.gsub(date, '-', '')
    if days[date].count > 0 then redis.call('ZADD', KEYS[2], number, date) end
end
for _, item in ipairs(changed) do
    local place, slot = item.place, item.slot
    local held = slot_held('crm_slot_hold_' .. T .. place.date .. '.' .. place.key, slot, now)
    if not slot_settle(T, t, place, slot, held, now, ids, KEYS[1]) then told = false end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 't', 'slot.changed')
return {0, #items, told and 1 or 0}
