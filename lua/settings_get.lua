#!lua flags=no-writes
-- settings_get: the settings that differ from their defaults.
-- @keys 2
-- KEYS[1]  settings              KEYS[2]  workspace facts
-- Returns  {version, {setting, value, …}}

return {redis.call('HGET', KEYS[2], 'settings_v') or '0', redis.call('HGETALL', KEYS[1])}
