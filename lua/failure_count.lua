#!lua
-- failure_count: a booking failed, and nobody said who wanted it: only counted.
-- @keys 1
-- KEYS[1]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  now ms                    ARGV[3]  day, yyyymmdd
-- ARGV[4]  reason, slug          ARGV[5]  by the other rule         ARGV[6]  date, yyyy-mm-dd or ""
-- ARGV[7]  time as asked for, or ""
-- then pairs of name and value, in any order:
--   seen, seen_print           key of the caller's event id; its fingerprint
--   again, again_print         key of the Idempotency-Key; its fingerprint
-- Returns  {replayed 0|1}        Errors   MISMATCH
-- @include lib/seen.lua
-- @include lib/failure.lua

local now, e = ARGV[2], {}
for i = 8, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 7 or #ARGV % 2 == 0 or not tonumber(now) or not string.match(ARGV[3], '^%d+$')
    or #ARGV[3] ~= 8 or ARGV[4] == '' or ARGV[5] == '' or (e.seen and not e.seen_print)
    or (e.again and not e.again_print) then
    return redis.error_reply('ERR failure_count: its arguments are not what it expects')
end

for _, id in ipairs({'seen', 'again'}) do
    local known = e[id] and seen_read(redis.call('GET', e[id]), now, e[id .. '_print'])
    if known == false then return seen_repeat(known) end
    if known then return {1} end
end

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.seen then seen_claim(e.seen, now, e.seen_print, '-') end
if e.again then seen_claim(e.again, now, e.again_print, '-') end
failure_count(ARGV[1], ARGV[3], {reason = ARGV[4], other = ARGV[5], date = ARGV[6],
    time = ARGV[7], captured = false})
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 't', 'failure.counted')
return {0}
