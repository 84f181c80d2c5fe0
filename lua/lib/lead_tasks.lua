-- lib/lead_tasks.lua: what is to be done, or was, about a lead.

local TASKS_LOOKED_AT = 50 -- of its contact, the last due

-- {{task id, {field, value, …}}, …}. c: its contact, bare, or '' when it has none.
local function lead_tasks(T, c, lead)
    local tasks = {}
    for _, id in ipairs(redis.call('ZRANGE', 'crm_contact_task_' .. T .. c, 0,
        TASKS_LOOKED_AT - 1, 'REV')) do
        local task = 'crm_task_' .. T .. id
        if redis.call('HGET', task, 'lead_id') == lead then
            tasks[#tasks + 1] = {id, redis.call('HGETALL', task)}
        end
    end
    return tasks
end
