#!lua
-- slot_unhold: gives a place back that was held; who waits for one is told of it.
-- @keys 3
-- KEYS[1]  slots of the day      KEYS[2]  the slot's holds          KEYS[3]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  date                  ARGV[5]  time                      ARGV[6]  time, as in keys
-- ARGV[7]  ids of tasks to be    ARGV[8]  token of the hold
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, free places}
-- Errors   NOTFOUND: no such slot, no such hold, or it has run out; MISMATCH
-- @include lib/seen.lua
-- @include lib/slot.lua
-- @include lib/slot_settle.lua

local T, t, now, token = ARGV[1], ARGV[2], ARGV[3], ARGV[8]
local place = {date = ARGV[4], time = ARGV[5], key = ARGV[6]}
local e = {}
for i = 9, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not tonumber(now) or not token or (e.again and not e.again_print) then
    return redis.error_reply('ERR slot_unhold: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
local slot = slot_read(KEYS[1], place.time)
local expires = slot and redis.call('ZSCORE', KEYS[2], token)
if not expires or tonumber(expires) <= tonumber(now) then
    return redis.error_reply('NOTFOUND no such hold')
end

local held = slot_held(KEYS[2], slot, now) - 1
local free = math.max(slot.capacity - slot.booked - held, 0)
if e.again then seen_claim(e.again, now, e.again_print, free) end
redis.call('ZREM', KEYS[2], token)
slot_settle(T, t, place, slot, held, now, slot_ids(ARGV[7]), KEYS[3])
return {0, free}
