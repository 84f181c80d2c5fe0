#!lua
-- workspace_boot: a block of contact numbers, and the workspace's settings.
-- @keys 3
-- KEYS[1]  last contact number   KEYS[2]  settings                  KEYS[3]  workspace facts
-- ARGV[1]  now ms                ARGV[2]  size of the block
-- Returns  {last number of the block, settings version, {setting, value, …}}

if not string.match(ARGV[1] or '', '^%d+$') or not string.match(ARGV[2] or '', '^%d+$') then
    return redis.error_reply('ERR workspace_boot: expected a time and the size of a block')
end
redis.call('HSETNX', KEYS[3], 'created_at', ARGV[1])
return {redis.call('INCRBY', KEYS[1], ARGV[2]), redis.call('HGET', KEYS[3], 'settings_v') or '0',
    redis.call('HGETALL', KEYS[2])}
