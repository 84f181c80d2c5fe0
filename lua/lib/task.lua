-- lib/task.lua: looking at tasks.

local function task_is_open(T, id)
    local status = redis.call('HGET', 'crm_task_' .. T .. id, 'status')
    return status == 'open' or status == 'claimed'
end
