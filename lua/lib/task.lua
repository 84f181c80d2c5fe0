-- lib/task.lua: looking at tasks.

-- by_side: asked for a side of a merge, for which a task that was closed for the merged contact is
-- still to be done, unless a person has done it.
local function task_is_open(T, id, by_side)
    local status = redis.call('HGET', 'crm_task_' .. T .. id, 'status')
    return status == 'open' or status == 'claimed'
        or (by_side and (status == 'held' or status == 'cancelled'))
end
