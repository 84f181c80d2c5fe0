#!lua flags=no-writes
-- lead_get: one lead.
-- @keys 1
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"
-- Returns  {field, value, …}     Errors   NOTFOUND

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. ARGV[1] .. (redis.call('GET', key) or '') end
local row = redis.call('HGETALL', key)
if #row == 0 then return redis.error_reply('NOTFOUND no such lead') end
return row
