-- lib/task_write.lua: making and closing tasks. A task is open exactly as long as it is in
-- crm_task_due and crm_task_open; the contact's open_tasks counts them. A closed one is kept for
-- 90 days.

local TASK_KEEP_S = 90 * 86400 -- a closed task
local TASKS_PER_CONTACT = 200

-- The list of open tasks is ordered urgent first, then by due time: rank (0 = urgent) over due ms.
local function task_order(rank, due)
    return string.format('%.0f', tonumber(rank) * 1e13 + tonumber(due))
end

-- task: kind, title, note, priority, queue, rank (0 = urgent), due (ms); booking or lead: what it
-- is about, or nil.
local function task_write(T, id, c, now, task, status)
    redis.call('HSET', 'crm_task_' .. T .. id, 'contact_id', 'contact_' .. c, 'kind', task.kind,
        'title', task.title, 'note', task.note, 'priority', task.priority, 'queue', task.queue,
        'status', status, 'due', task.due, 'booking', task.booking or '', 'created_at', now,
        'v', '1')
    if task.lead then redis.call('HSET', 'crm_task_' .. T .. id, 'lead_id', task.lead) end
end

local function task_of_contact(T, id, c, due)
    local mine = 'crm_contact_task_' .. T .. c
    if redis.call('ZADD', mine, due, id) == 1 then
        redis.call('ZREMRANGEBYRANK', mine, 0, -TASKS_PER_CONTACT - 1)
    end
end

local function task_list_open(t, id, rank, due)
    redis.call('ZADD', 'crm_task_due' .. t, due, id)
    redis.call('ZADD', 'crm_task_open' .. t, task_order(rank, due), id)
end

local function task_make(T, t, id, c, now, task)
    task_write(T, id, c, now, task, 'open')
    task_list_open(t, id, task.rank, task.due)
    task_of_contact(T, id, c, task.due)
end

-- A task of a side of a merge. One that the merged contact did not need is held back: it is made
-- when the merge is undone.
local function task_of_side(T, id, side, now, task)
    local key = 'crm_task_' .. T .. id
    if redis.call('EXISTS', key) == 0 then
        task_write(T, id, side, now, task, 'held')
        redis.call('EXPIRE', key, TASK_KEEP_S)
    end
    task_of_contact(T, id, side, task.due)
end

-- status: "done" by a person, or "cancelled" when there is nothing to be done any more.
local function task_close(T, t, id, now, status, outcome)
    local key = 'crm_task_' .. T .. id
    redis.call('HSET', key, 'status', status, 'outcome', outcome, 'done_at', now)
    redis.call('HINCRBY', key, 'v', 1)
    redis.call('EXPIRE', key, TASK_KEEP_S)
    redis.call('ZREM', 'crm_task_due' .. t, id)
    redis.call('ZREM', 'crm_task_open' .. t, id)
    local closed = 'crm_task_closed' .. t
    redis.call('ZADD', closed, now, id)
    local gone = string.format('%.0f', tonumber(now) - TASK_KEEP_S * 1000)
    redis.call('ZREMRANGEBYSCORE', closed, '-inf', gone)
end

local function task_cancel(T, t, id, now, outcome)
    task_close(T, t, id, now, 'cancelled', outcome)
end

-- The record and its place in the lists; that of its contact is the caller's.
local function task_delete(T, t, id)
    for _, list in ipairs({'due', 'open', 'closed'}) do
        redis.call('ZREM', 'crm_task_' .. list .. t, id)
    end
    redis.call('DEL', 'crm_task_' .. T .. id)
end
