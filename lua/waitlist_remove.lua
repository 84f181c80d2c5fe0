#!lua
-- waitlist_remove: a lead no longer waits for a slot.
-- @keys 5
-- KEYS[1]  the entry             KEYS[2]  the slot's line           KEYS[3]  all who wait
-- KEYS[4]  those who were told   KEYS[5]  change stream
-- ARGV[1]  now ms                ARGV[2]  the lead's id             ARGV[3]  the entry, as in keys
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1}        Errors   NOTFOUND, MISMATCH
-- @include lib/seen.lua

local now = ARGV[1]
local e = {}
for i = 4, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 3 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR waitlist_remove: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('NOTFOUND no such entry') end

if e.again then seen_claim(e.again, now, e.again_print, '') end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[3])
redis.call('ZREM', KEYS[4], ARGV[3])
redis.call('XADD', KEYS[5], 'MAXLEN', '~', 100000, '*', 't', 'waitlist.removed', 'l', ARGV[2])
return {0}
