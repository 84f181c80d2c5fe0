#!lua
-- segment_delete: a segment and its list of members.
-- @keys 3
-- KEYS[1]  segments              KEYS[2]  workspace facts           KEYS[3]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  now ms                    ARGV[3]  id
-- ARGV[4]  version the caller expects, or ""
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1}        Errors   NOTFOUND, VERSION, MISMATCH
-- @include lib/seen.lua

local T, now, id = ARGV[1], ARGV[2], ARGV[3]
local e = {}
for i = 5, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 4 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR segment_delete: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
local stored = redis.call('HGET', KEYS[1], id)
if not stored then return redis.error_reply('NOTFOUND no such segment') end
local segment = cjson.decode(stored)
if ARGV[4] ~= '' and tonumber(ARGV[4]) ~= tonumber(segment.v) then
    return redis.error_reply('VERSION ' .. segment.v)
end

if e.again then seen_claim(e.again, now, e.again_print, '') end
redis.call('HDEL', KEYS[1], id)
redis.call('HINCRBY', KEYS[2], 'segments_v', 1)
redis.call('UNLINK', 'crm_segment_member_' .. T .. id .. ':' .. segment.n)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 't', 'segment.changed', 'g', id)
return {0}
