#!lua flags=no-writes
-- lead_show: one lead and its task.
-- @keys 1
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"
-- Returns  {{field, value, …}, {field, value, …} of its task or {}}
-- Errors   NOTFOUND

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. ARGV[1] .. (redis.call('GET', key) or '') end
local lead = redis.call('HGETALL', key)
if #lead == 0 then return redis.error_reply('NOTFOUND no such lead') end
local task = redis.call('HGET', key, 'task_id')
return {lead, task and redis.call('HGETALL', 'crm_task_' .. ARGV[1] .. task) or {}}
