-- lib/alert.lua: alerts. An alert is open, in crm_alert_open, until a person has seen to it, or its
-- cause is gone; a closed one is kept for 30 days.

local ALERT_KEEP_S = 30 * 86400

-- alert: kind, severity, title, c (bare), lead, task, due (ms).
local function alert_make(T, t, id, alert, now)
    redis.call('HSET', 'crm_alert_' .. T .. id, 'kind', alert.kind, 'severity', alert.severity,
        'title', alert.title, 'contact_id', alert.c and 'contact_' .. alert.c or '',
        'lead_id', alert.lead or '', 'task_id', alert.task or '', 'created_at', now,
        'due', alert.due, 'v', '1')
    redis.call('ZADD', 'crm_alert_open' .. t, alert.due, id)
end

-- by: who has seen to it, or "resolved" when its cause is gone. True when it was open.
local function alert_close(T, t, id, now, by)
    if redis.call('ZREM', 'crm_alert_open' .. t, id) == 0 then return false end
    local key = 'crm_alert_' .. T .. id
    redis.call('HSET', key, 'acked_at', now, 'acked_by', by)
    redis.call('HINCRBY', key, 'v', 1)
    redis.call('EXPIRE', key, ALERT_KEEP_S)
    return true
end

-- Its cause is there again.
local function alert_reopen(T, t, id)
    local key = 'crm_alert_' .. T .. id
    local due = redis.call('HGET', key, 'due')
    if not due then return end
    redis.call('HDEL', key, 'acked_at', 'acked_by')
    redis.call('HINCRBY', key, 'v', 1)
    redis.call('PERSIST', key)
    redis.call('ZADD', 'crm_alert_open' .. t, due, id)
end
