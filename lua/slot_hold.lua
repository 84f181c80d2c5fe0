#!lua
-- slot_hold: holds a place of a slot for a while; it is free again by itself.
-- @keys 3
-- KEYS[1]  slots of the day      KEYS[2]  the slot's holds          KEYS[3]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  date                  ARGV[5]  time                      ARGV[6]  time, as in keys
-- ARGV[7]  ids of tasks to be    ARGV[8]  token of the hold         ARGV[9]  how long, in ms
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, token, held until, free places}
-- Errors   NOTFOUND, FULL, MISMATCH
-- @include lib/seen.lua
-- @include lib/slot.lua
-- @include lib/slot_settle.lua

local T, t, now, token = ARGV[1], ARGV[2], ARGV[3], ARGV[8]
local place = {date = ARGV[4], time = ARGV[5], key = ARGV[6]}
local e = {}
for i = 10, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not tonumber(now) or not tonumber(ARGV[9]) or (e.again and not e.again_print) then
    return redis.error_reply('ERR slot_hold: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
local slot = slot_read(KEYS[1], place.time)
if not slot then return redis.error_reply('NOTFOUND no such slot') end
local held = slot_held(KEYS[2], slot, now) + 1
local free = slot.capacity - slot.booked - held
if free < 0 then return redis.error_reply('FULL no place is free') end

local expires = tonumber(now) + tonumber(ARGV[9])
local answer = {token, string.format('%.0f', expires), free}
if e.again then seen_claim(e.again, now, e.again_print, table.concat(answer, ' ')) end
slot.held_to = math.max(slot.held_to or 0, expires)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], answer[2], token)
redis.call('EXPIRE', KEYS[2], math.ceil((slot.held_to - tonumber(now)) / 1000))
slot_settle(T, t, place, slot, held, now, slot_ids(ARGV[7]), KEYS[3])
return {0, unpack(answer)}
