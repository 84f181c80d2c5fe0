#!lua flags=no-writes
-- contact_get: one contact, by its id or by one of its identities. An id that was merged away
-- answers with the contact that it is part of.
-- @keys 1
-- KEYS[1]  the contact's hash, or the index of an identity
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "index"           ARGV[3]  with "id": <c>
-- Returns  {field, value, …}     Errors   NOTFOUND
-- @include lib/resolve.lua

local T, c = ARGV[1], ARGV[3]
if ARGV[2] == 'index' then
    local id = redis.call('GET', KEYS[1])
    if not id then return redis.error_reply('NOTFOUND no contact has this identity') end
    c = string.sub(id, 9, 21)
else
    c = contact_resolve(T, c)
end
local row = c and redis.call('HGETALL', 'crm_contact_' .. T .. c) or {}
if #row == 0 then return redis.error_reply('NOTFOUND no such contact') end
return row
