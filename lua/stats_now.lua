#!lua flags=no-writes
-- stats_now: how many contacts, by status, and tasks there are at this moment.
-- @keys 4
-- KEYS[1]  change stream         KEYS[2]  contacts by creation      KEYS[3]  open tasks by due time
-- KEYS[4…] contacts of each lead status
-- ARGV[1]  now ms
-- Returns  {change id, contacts, open tasks, overdue tasks, {contacts of a status, …}}
-- @include lib/change.lua

local statuses = {}
for i = 4, #KEYS do statuses[i - 3] = redis.call('ZCARD', KEYS[i]) end
return {change_id(KEYS[1]), redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3]),
    redis.call('ZCOUNT', KEYS[3], '-inf', '(' .. ARGV[1]), statuses}
