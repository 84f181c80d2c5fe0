#!lua
-- meta_boot: what a worker must know of the database before it takes its first call.
-- @keys 1
-- KEYS[1]  crm_meta
-- ARGV[1]  now ms                ARGV[2]  32 random bytes in hex, for a new database
-- Returns  {schema version, secret of the contact ids}

if #ARGV < 2 then return redis.error_reply('ERR meta_boot: expected a time and a secret') end
redis.call('HSETNX', KEYS[1], 'schema', '1')
redis.call('HSETNX', KEYS[1], 'created_at', ARGV[1])
redis.call('HSETNX', KEYS[1], 'id_secret', ARGV[2])
return redis.call('HMGET', KEYS[1], 'schema', 'id_secret')
