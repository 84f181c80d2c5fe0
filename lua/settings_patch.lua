#!lua
-- settings_patch: changes settings; an empty value goes back to the default.
-- @keys 3
-- KEYS[1]  settings              KEYS[2]  workspace facts           KEYS[3]  change stream
-- ARGV[1]  now ms                ARGV[2]  version the caller expects, or ""
-- ARGV[3]  key of the Idempotency-Key, or ""                        ARGV[4]  its fingerprint
-- ARGV[5…] setting, value, …
-- Returns  {replayed 0|1, version, {setting, value, …}}             Errors   VERSION, MISMATCH
-- @include lib/seen.lua

if #ARGV < 4 or #ARGV % 2 == 1 then
    return redis.error_reply('ERR settings_patch: a setting is without its value')
end

local version = tonumber(redis.call('HGET', KEYS[2], 'settings_v') or 0)
if ARGV[3] ~= '' then
    local before = seen_read(redis.call('GET', ARGV[3]), ARGV[1], ARGV[4])
    if before == false then
        return redis.error_reply('MISMATCH the key was used with another request')
    elseif before then
        local at, settings = string.match(before, '^(%d+) (.*)$')
        return {1, at, cjson.decode(settings)}
    end
end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= version then
    return redis.error_reply('VERSION ' .. version)
end

version = tostring(version + 1)
for i = 5, #ARGV, 2 do
    if ARGV[i + 1] == '' then
        redis.call('HDEL', KEYS[1], ARGV[i])
    else
        redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    end
end
redis.call('HSET', KEYS[2], 'settings_v', version)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 't', 'setting.changed')
local settings = redis.call('HGETALL', KEYS[1])
if ARGV[3] ~= '' then
    seen_claim(ARGV[3], ARGV[1], ARGV[4], version .. ' ' .. cjson.encode(settings))
end
return {0, version, settings}
