#!lua flags=no-writes
-- task_get: one task.
-- @keys 1
-- KEYS[1]  the task's hash
-- Returns  {field, value, …}     Errors   NOTFOUND

local row = redis.call('HGETALL', KEYS[1])
if #row == 0 then return redis.error_reply('NOTFOUND no such task') end
return row
