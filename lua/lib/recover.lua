-- lib/recover.lua: a person has booked after all: their leads that a booking was lost with are
-- recovered. Needs lib/lead.lua, lib/alert.lua.

local RECOVERED_AT_ONCE = 50 -- leads of a person, the newest

-- A lead of the booking form is a booking itself, and a conversation goes on. since: a lead that
-- was recovered since then counts as not recovered; or nil.
local function lead_is_recoverable(lead, since)
    return lead.source ~= 'booking_form' and lead.source ~= 'whatsapp' and lead.is_active == '1'
        and (lead.status == 'new' or lead.status == 'contacted'
            or (since and lead.recovered_from and not lead.student_id
                and tonumber(lead.recovered_at) >= tonumber(since)))
end

-- Leads of a contact or side that its booking recovers, newest first.
local function leads_recoverable(T, c, since)
    local found = {}
    for _, id in ipairs(redis.call('ZRANGE', 'crm_contact_lead_' .. T .. c, 0,
        RECOVERED_AT_ONCE - 1, 'REV')) do
        local lead = lead_read(T, id)
        if lead and lead_is_recoverable(lead, since) then found[#found + 1] = lead end
    end
    return found
end

-- revenue: of the booking, in minor units, or nil; the newest lead has it. feed, day: keys. tasks:
-- functions of lib/task.lua and lib/task_write.lua: is_open, cancel.
local function person_recovers(T, t, c, revenue, now, feed, day, tasks)
    for n, lead in ipairs(leads_recoverable(T, c)) do
        lead_change(T, t, lead, {status = 'converted', converted_at = now, recovered_at = now,
            recovered_from = lead.status, revenue_cents = n == 1 and revenue or nil}, now)
        local task = lead.task_id
        if task and tasks.is_open(T, task) then
            tasks.cancel(T, t, task, now, 'resolved')
            redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'open_tasks', -1)
        else
            task = nil
        end
        if lead.alert_id then alert_close(T, t, lead.alert_id, now, 'resolved') end
        day_count(day, 'recovered', 1)
        redis.call('XADD', feed, 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'lead.recovered', 'l',
            lead.id, 'x', task or '')
    end
end

-- The same for a side of a merge, where a lead that only the merged contact has recovered is still
-- open. Undoing the merge goes by what is noted here: "<now> <revenue>".
local function side_recovers(T, side, revenue, now, tasks)
    local record = 'crm_merge_' .. T .. string.sub(side, 15)
    local first = true
    for _, lead in ipairs(leads_recoverable(T, side, redis.call('HGET', record, 'at'))) do
        local note = now .. ' ' .. (first and revenue or '')
        if redis.call('HSETNX', record, 'recovered:' .. lead.id, note) == 1 then
            first = false
            if lead.task_id and tasks.is_open(T, lead.task_id, true) then
                tasks.closes(T, side, lead.task_id, now)
            end
        end
    end
end

-- A person has converted a lead that a booking had recovered: for a side that has not booked, that
-- is when it was converted.
local function side_converts(T, side, lead, now)
    redis.call('HSETNX', 'crm_merge_' .. T .. string.sub(side, 15), 'converted:' .. lead.id, now)
end
