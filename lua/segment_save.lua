#!lua
-- segment_save: makes a segment, or gives it another name and rule. Its members stay.
-- @keys 3
-- KEYS[1]  segments              KEYS[2]  workspace facts           KEYS[3]  change stream
-- ARGV[1]  tag before, <T>       ARGV[2]  now ms                    ARGV[3]  "new" or "old"
-- ARGV[4]  id                    ARGV[5]  name, or ""               ARGV[6]  rule as text
-- ARGV[7]  version the caller expects, or ""
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, version, created at, updated at, number of members}
-- Errors   EXISTS, NOTFOUND, VERSION, INVALID (there are too many), MISMATCH
-- @include lib/seen.lua

local SEGMENTS_MOST = 100

local T, now, is_new, id, text = ARGV[1], ARGV[2], ARGV[3] == 'new', ARGV[4], ARGV[6]
local e = {}
for i = 8, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 7 or not tonumber(now) or id == '' or text == '' or (e.again and not e.again_print) then
    return redis.error_reply('ERR segment_save: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end

local stored = redis.call('HGET', KEYS[1], id)
local before = stored and cjson.decode(stored)
if is_new then
    if before then return redis.error_reply('EXISTS there is such a segment') end
    if redis.call('HLEN', KEYS[1]) >= SEGMENTS_MOST then
        return redis.error_reply('INVALID there are too many segments')
    end
elseif not before then
    return redis.error_reply('NOTFOUND no such segment')
elseif ARGV[7] ~= '' and tonumber(ARGV[7]) ~= tonumber(before.v) then
    return redis.error_reply('VERSION ' .. before.v)
end

-- A segment's number and its versions are those of all segments: one that is made again under the
-- same id is another one.
local version = tostring(redis.call('HINCRBY', KEYS[2], 'segments_v', 1))
local segment = {n = before and before.n or version, v = version, text = text,
    name = ARGV[5] ~= '' and ARGV[5] or nil, created_at = before and before.created_at or now,
    updated_at = now}
redis.call('HSET', KEYS[1], id, cjson.encode(segment))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 't', 'segment.changed', 'g', id)
local members = 'crm_segment_member_' .. T .. id .. ':' .. segment.n
local answer = {version, segment.created_at, now, redis.call('ZCARD', members)}
if e.again then seen_claim(e.again, now, e.again_print, table.concat(answer, ' ')) end
return {0, unpack(answer)}
