#!lua flags=no-writes
-- contact_identities: every identity that a contact has or had.
-- @keys 1
-- KEYS[1]  the contact's hash
-- ARGV[1]  tag before, <T>       ARGV[2]  its <c>                   ARGV[3]  version the caller
--                                                                            has, or ""
-- Returns  {version, contact id, customer id, e-mail, phone, WhatsApp id, {"<word>:<value>", …}}:
--          at most 500 of the last, in any order; only {version, contact id} when the caller has
--          that version
-- Errors   NOTFOUND
-- @include lib/resolve.lua

local T, c = ARGV[1], ARGV[2]
local function read(key)
    return redis.call('HMGET', key, 'v', 'id', 'ext', 'email', 'phone', 'wa')
end

local row = read(KEYS[1])
if not row[1] then
    c = contact_resolve(T, c) or c
    row = read('crm_contact_' .. T .. c)
end
if not row[1] then return redis.error_reply('NOTFOUND no such contact') end
if row[1] == ARGV[3] then return {row[1], row[2]} end
row[7] = redis.call('SRANDMEMBER', 'crm_contact_alias_' .. T .. c, 500)
return row
