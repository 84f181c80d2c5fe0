#!lua flags=no-writes
-- segment_list: all segments, or one, as they are defined, with the number of their members.
-- @keys 3
-- KEYS[1]  change stream         KEYS[2]  segments                  KEYS[3]  workspace facts
-- ARGV[1]  tag before, <T>       ARGV[2]  change id the caller has, or ""
-- ARGV[3]  id of the one wanted, or ""
-- Returns  {change id, version of the segments, {field, value, …}, …}: a segment's fields are id,
--          n, v, name, text, created_at, updated_at, count; only {change id} when the caller has
--          that
-- @include lib/change.lua

local T, wanted = ARGV[1], ARGV[3]
local newest = change_id(KEYS[1])
if newest == ARGV[2] then return {newest} end

local rows
if wanted == '' then
    rows = redis.call('HGETALL', KEYS[2])
else
    rows = {wanted, redis.call('HGET', KEYS[2], wanted) or nil}
end
local answer = {newest, redis.call('HGET', KEYS[3], 'segments_v') or '0'}
for i = 1, #rows - 1, 2 do
    local id, segment = rows[i], cjson.decode(rows[i + 1])
    answer[#answer + 1] = {'id', id, 'n', segment.n, 'v', segment.v, 'name', segment.name or '',
        'text', segment.text, 'created_at', segment.created_at, 'updated_at', segment.updated_at,
        'count', redis.call('ZCARD', 'crm_segment_member_' .. T .. id .. ':' .. segment.n)}
end
return answer
