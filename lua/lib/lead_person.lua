-- lib/lead_person.lua: what people do with a lead, in the records of the person whose lead it is.
-- Needs lib/lead.lua, lib/contact.lua, lib/search.lua, lib/capture.lua, lib/sides.lua,
-- lib/task.lua, lib/task_write.lua, lib/alert.lua.

local LEADS_OF_A_PERSON = 50 -- the newest count

-- The contact of a lead, bare, or nil; and its sides that have the lead (lib/sides.lua).
local function lead_person(T, lead)
    if not lead.contact_id then return nil, {} end
    local c = string.sub(lead.contact_id, 9)
    local merges = redis.call('HGET', 'crm_contact_' .. T .. c, 'merges')
    return c, merges and sides_of_lead(T, merges, lead.id) or {}
end

-- What the index of an identity gets that the person of such a lead turns out to have
-- (lib/identity.lua).
local function lead_path(c, sides)
    local path, last = 'contact_' .. c, c
    for _, side in ipairs(sides) do
        local inner = string.sub(side, 1, 13)
        if inner ~= last then path, last = path .. ' contact_' .. inner, inner end
    end
    return path
end

-- An entry of the timeline about a lead. data: JSON, or ''.
local function lead_activity(lead, id, event, data)
    return table.concat({'{"i":"', id, '","t":"', event, '"', data ~= '' and ',"d":' or '', data,
        ',"l":"', lead.id, '"}'})
end

-- Windows by which a lead is found again, when they lead to it.
local function lead_windows_end(T, lead, kinds)
    local values = {phone = lead.phone, wa = lead.wa or lead.phone, session = lead.session,
        ip = lead.ip}
    for _, kind in ipairs(kinds) do
        local key = 'crm_lead_window_' .. T .. kind .. ':' .. (values[kind] or '')
        if redis.call('GET', key) == lead.id then redis.call('DEL', key) end
    end
end

-- The contact and its sides get what contact_capture puts into one of them.
local function person_gets(T, t, c, sides, o, now)
    o.names, o.values, o.fields = o.names or {}, o.values or {}, o.fields or {}
    for turn = 0, #sides do
        local record = turn == 0 and c or sides[turn]
        local contact = capture_read(T, record)
        o.source = contact.lead_source -- a person's doing is no channel
        contact_capture(T, t, record, contact, o, now)
        if turn > 0 then side_keep(T, record) end
    end
end

-- A contact's score is the highest among its leads, 50 at least.
local function person_scored(T, t, c, sides, now)
    for turn = 0, #sides do
        local record = turn == 0 and c or sides[turn]
        local key, highest = 'crm_contact_' .. T .. record, 50
        for _, id in ipairs(redis.call('ZRANGE', 'crm_contact_lead_' .. T .. record, 0,
            LEADS_OF_A_PERSON - 1, 'REV')) do
            local score = redis.call('HGET', 'crm_lead_' .. T .. id, 'score')
            highest = math.max(highest, tonumber(score or 0))
        end
        if tonumber(redis.call('HGET', key, 'lead_score')) ~= highest then
            redis.call('HSET', key, 'lead_score', highest, 'updated_at', now)
            redis.call('HINCRBY', key, 'v', 1)
            if turn == 0 then contact_ranked(T, t, c) end
        end
    end
end

-- Nothing is left to be done about a lead: its task and its alert close. Returns the task, if it
-- was open, and the alert, if it was.
local function lead_settled(T, t, lead, c, sides, now)
    local task, alert = lead.task_id, lead.alert_id
    alert = alert and alert_close(T, t, alert, now, 'resolved') and alert
    if not task or not c then return nil, alert end
    if task_is_open(T, task, true) then
        for _, side in ipairs(sides) do side_closes(T, side, task, now) end
    end
    if not task_is_open(T, task) then return nil, alert end
    task_cancel(T, t, task, now, 'resolved')
    redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'open_tasks', -1)
    return task, alert
end

-- What contacting its person, at the time `at`, makes of a lead: {field = value, …}. The booking
-- form keeps its own words.
local function lead_contacted(lead, at)
    local changes = {}
    if not lead.first_contact_at then
        changes.first_contact_at = string.format('%.0f',
            math.max(tonumber(at), tonumber(lead.created_at)))
    end
    if lead.status == 'new' then changes.status = 'contacted' end
    return changes
end

-- Somebody was in touch with the person of a lead. o: by, or ''; id and data of the activity, or
-- nil when the caller writes one. feed: key.
local function lead_is_contacted(T, t, lead, at, now, o, feed)
    local c, sides = lead_person(T, lead)
    local changes = lead_contacted(lead, at)
    if next(changes) then lead_change(T, t, lead, changes, now) end
    local alert = lead.alert_id
    alert = alert and alert_close(T, t, alert, now, o.by ~= '' and o.by or 'api') and alert
    if c and o.id then
        person_gets(T, t, c, sides, {action = 'Lead contacted',
            activities = {now, lead_activity(lead, o.id, 'lead.contacted', o.data)}}, now)
    end
    redis.call('XADD', feed, 'MAXLEN', '~', 100000, '*', 'c', c or '', 't', 'lead.contacted', 'l',
        lead.id, 'a', o.id or '', 'al', alert or '')
end
