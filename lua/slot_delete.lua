#!lua
-- slot_delete: takes a slot out of the inventory, with its holds. Who waits for it goes on waiting.
-- @keys 4
-- KEYS[1]  slots of the day      KEYS[2]  the slot's holds          KEYS[3]  days that have slots
-- KEYS[4]  change stream
-- ARGV[1]  now ms                ARGV[2]  date                      ARGV[3]  time
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1}        Errors   NOTFOUND, MISMATCH
-- @include lib/seen.lua

local now = ARGV[1]
local e = {}
for i = 4, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 3 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR slot_delete: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
if redis.call('HEXISTS', KEYS[1], ARGV[3]) == 0 then
    return redis.error_reply('NOTFOUND no such slot')
end

if e.again then seen_claim(e.again, now, e.again_print, '') end
redis.call('HDEL', KEYS[1], ARGV[3])
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[3], ARGV[2]) end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 100000, '*', 't', 'slot.changed')
return {0}
