-- lib/lead.lua: the lists and counters that a lead stands in. A lead with contact details is in
-- the list of its status, in crm_lead_created and crm_lead_updated; one without is in
-- crm_lead_anonymous. The day of its creation counts how far the leads of that day have come
-- (step:1, …, step:approved), each once.

-- @include lib/record.lua

local LEAD_FIELDS = {'id', 'no', 'status', 'created_at', 'updated_at', 'phone', 'has_contact',
    'session', 'contact_id', 'step', 'packs', 'v', 'day', 'submitted_at', 'ip', 'source'}

-- The fields above as a table; nil when there is no such lead.
local function lead_read(T, id)
    return record_read('crm_lead_' .. T .. id, LEAD_FIELDS)
end

-- How far it has come: what the drop-off report counts.
local function lead_reached(lead)
    if lead.status == 'approved' then return 'approved' end
    return lead.submitted_at and 'submitted' or lead.step
end

-- before: the lead as it was, or nil when it is new; after: as it is now. Both have id, status,
-- has_contact, created_at, day and what lead_reached needs.
local function lead_listed(T, t, before, after, now)
    local id = after.id
    local was = before and before.has_contact == '1'
    if after.has_contact == '1' then
        if not was then redis.call('ZREM', 'crm_lead_anonymous' .. t, id) end
        if was and before.status ~= after.status then
            redis.call('ZREM', 'crm_lead_status_' .. T .. before.status, id)
        end
        redis.call('ZADD', 'crm_lead_status_' .. T .. after.status, after.created_at, id)
        redis.call('ZADD', 'crm_lead_created' .. t, after.created_at, id)
        redis.call('ZADD', 'crm_lead_updated' .. t, now, id)
    elseif not before then
        redis.call('ZADD', 'crm_lead_anonymous' .. t, after.created_at, id)
    end
    local from, to = before and lead_reached(before), lead_reached(after)
    if from ~= to then
        local day = 'crm_stats_' .. T .. after.day
        if from then redis.call('HINCRBY', day, 'step:' .. from, -1) end
        day_count(day, 'step:' .. to, 1)
    end
end
