#!lua flags=no-writes
-- lead_get: one lead, its tasks, and the slots near the date that it was to be.
-- @keys 1
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"              ARGV[3]  tag after, <t>
-- ARGV[4]  now ms                ARGV[5]  today, yyyymmdd
-- Returns  {{field, value, …}, {{task id, {field, value, …}}, …}, {slots, as lib/slot.lua has
--          them}}
-- Errors   NOTFOUND
-- @include lib/slot.lua
-- @include lib/lead_tasks.lua

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. ARGV[1] .. (redis.call('GET', key) or '') end
local lead = redis.call('HGETALL', key)
if #lead == 0 then return redis.error_reply('NOTFOUND no such lead') end
local T = ARGV[1]
local id, contact_id, date = unpack(redis.call('HMGET', key, 'id', 'contact_id', 'preferred_date'))
local day = date and string.gsub(date, '-', '')
return {lead, lead_tasks(T, string.sub(contact_id or '', 9), id),
    day and slots_near(T, ARGV[3], day, ARGV[5], ARGV[4]) or {}}
