#!lua flags=no-writes
-- contact_get: one contact, by its id or by one of its identities.
-- @keys 1
-- KEYS[1]  the contact's hash, or the index of an identity
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "index"
-- Returns  {field, value, …}     Errors   NOTFOUND

local key = KEYS[1]
if ARGV[2] == 'index' then
    local id = redis.call('GET', key)
    if not id then return redis.error_reply('NOTFOUND no contact has this identity') end
    key = 'crm_contact_' .. ARGV[1] .. string.sub(id, 9)
end
local row = redis.call('HGETALL', key)
if #row == 0 then return redis.error_reply('NOTFOUND no such contact') end
return row
