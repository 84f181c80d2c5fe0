-- lib/lead.lua: a lead, and the lists and counters that it stands in. What a lead is says where it
-- stands: whoever changes one reads it before, and has the difference written.

-- @include lib/day_names.lua
-- @include lib/record.lua
-- @include lib/priority.lua

local LEAD_FIELDS = {'id', 'no', 'source', 'status', 'is_active', 'has_contact', 'created_at',
    'updated_at', 'day', 'floor', 'score', 'v', 'contact_id', 'phone', 'reason', 'attempts',
    'budget_cents', 'first_contact_at', 'recovered_at', 'recovered_from', 'revenue_cents',
    'student_id', 'task_id', 'alert_id', 'session', 'step', 'packs', 'submitted_at', 'ip',
    'preferred_date', 'preferred_time', 'message_count', 'last_message_at', 'utm_campaign',
    'satisfaction', 'wa'}

local LEAD_CONVERTED = {approved = true, converted = true}
local LEAD_LOST = {rejected = true, lost = true}

-- Sources that are counted by name; all others are counted as "other".
local LEAD_COUNTED = {booking_form = true, booking_failed = true, ai_recommendation = true,
    face_analysis = true, cost_calculator = true, whatsapp = true}

-- A first contact within so many seconds, or later: the steps of the response curve.
local LEAD_CURVE = {60, 300, 900, 1800, 3600, 14400, 86400}

-- A quality lead has a higher score than this.
local LEAD_QUALITY_SCORE = 70

-- In the day's order of campaigns, one lead counts as so many that are converted.
local LEAD_CAMPAIGN_STEP = 1e9

-- The fields above as a table; nil when there is no such lead.
local function lead_read(T, id)
    return record_read('crm_lead_' .. T .. id, LEAD_FIELDS)
end

-- The floor of its source holds while a lead can be reached, is not lost and not put aside.
local function lead_score(lead)
    if lead.has_contact ~= '1' or lead.is_active ~= '1' or LEAD_LOST[lead.status] then
        return '0'
    end
    return lead.floor or '50'
end

local function lead_quality(score)
    return (score >= 80 and 'hot') or (score >= 50 and 'warm') or 'cold'
end

-- What its source counts as.
local function lead_group(lead) return LEAD_COUNTED[lead.source] and lead.source or 'other' end

-- Milliseconds to the first contact; clocks may differ.
local function lead_waited(lead)
    return math.max(lead.first_contact_at - lead.created_at, 0)
end

-- How far a booking form has come: what the drop-off report counts.
local function lead_reached(lead)
    if lead.source ~= 'booking_form' then return nil end
    if lead.status == 'approved' then return 'approved' end
    return lead.submitted_at and 'submitted' or lead.step
end

-- Is it put aside, is it converted: each lead with contact details is in one of four.
local function lead_state(lead)
    if LEAD_CONVERTED[lead.status] then
        return lead.is_active == '1' and 'converted' or 'converted_inactive'
    end
    return lead.is_active == '1' and 'open' or 'inactive'
end

-- Its place in each list: {key = score}.
local function lead_lists(T, t, lead)
    local at = lead.created_at
    if lead.has_contact ~= '1' then return {['crm_lead_anonymous' .. t] = at} end
    local state = lead_state(lead)
    local lists = {
        ['crm_lead_created' .. t] = at,
        ['crm_lead_updated' .. t] = lead.updated_at,
        ['crm_lead_priority' .. t] = priority(lead.score, lead.budget_cents, lead.updated_at),
        ['crm_lead_score' .. t] = string.format('%.0f', tonumber(lead.score) * 1e13 + at),
        ['crm_lead_status_' .. T .. lead.status] = at,
        ['crm_lead_state_' .. T .. state] = at,
        ['crm_lead_source_' .. T .. lead.source .. ':' .. state] = at,
        ['crm_lead_quality_' .. T .. lead_quality(tonumber(lead.score))] = at,
    }
    if lead.reason then lists['crm_lead_reason_' .. T .. lead.reason] = at end
    if lead.first_contact_at then
        local key = 'crm_lead_response_' .. T .. lead_group(lead) .. ':' .. lead.day
        lists[key] = string.format('%.0f', lead_waited(lead))
    end
    return lists
end

-- What it adds to the counters of the day on which it was made: {field = number}.
local function lead_counts(lead)
    if lead.has_contact ~= '1' then return {} end
    local counts = {}
    local group = lead_group(lead) .. ':'
    local function count(field, number) counts[group .. field] = tonumber(number) end
    local score = tonumber(lead.score)
    local is_converted = LEAD_CONVERTED[lead.status]
    count('leads', 1)
    count('score', score)
    count(lead_quality(score), 1)
    if score > LEAD_QUALITY_SCORE then count('quality', 1) end
    count('band:' .. math.min(math.floor(score / 10), 9), 1)
    count('attempts', lead.attempts or 1)
    if is_converted then count('converted', 1) end
    if lead.recovered_at then
        count('recovered', lead.attempts or 1)
        count('revenue_cents', lead.revenue_cents or 0)
    end
    if lead.satisfaction then
        count('rated', 1)
        count('satisfaction', lead.satisfaction)
    end
    if lead.first_contact_at then
        local ms = lead_waited(lead)
        local seconds = ms / 1000
        local step = 1
        while LEAD_CURVE[step] and seconds > LEAD_CURVE[step] do step = step + 1 end
        count('contacted', 1)
        count('response_ms', ms)
        count('curve:' .. step, 1)
        if is_converted then count('won:' .. step, 1) end
        -- A histogram, each bar 4 % wider than the one before.
        count('bar:' .. math.floor(math.log(math.max(seconds, 1)) / math.log(1.04)), 1)
    end
    return counts
end

-- Its campaign on the day on which it was made, and what it counts there; nil, 0 without one.
local function lead_campaign(lead)
    if not lead or lead.has_contact ~= '1' or not lead.utm_campaign then return nil, 0 end
    local converted = LEAD_CONVERTED[lead.status] and 1 or 0
    return lead_group(lead) .. ' ' .. lead.utm_campaign, LEAD_CAMPAIGN_STEP + converted
end

local function lead_campaign_count(T, day, before, after)
    local key = 'crm_lead_campaign_' .. T .. day
    local was, had = lead_campaign(before)
    local is, has = lead_campaign(after)
    if was == is then
        if had ~= has then redis.call('ZADD', key, 'XX', 'INCR', has - had, is) end
        return
    end
    if was then -- one that was dropped from a full day stays away
        redis.call('ZADD', key, 'XX', 'INCR', -had, was)
        redis.call('ZREMRANGEBYSCORE', key, '-inf', 0)
    end
    if is then day_name_count(key, is, has) end
end

-- before: the lead as it was, or nil when it is new; after: as it is now, or nil when it is gone.
-- Both as lead_read has them, with `score` as lead_score says. now: when it changed.
local function lead_listed(T, t, before, after, now)
    local one = after or before
    if after then after.updated_at = now end
    local from = before and lead_lists(T, t, before) or {}
    local to = after and lead_lists(T, t, after) or {}
    for key in pairs(from) do
        if not to[key] then redis.call('ZREM', key, one.id) end
    end
    for key, score in pairs(to) do
        if from[key] ~= score then redis.call('ZADD', key, score, one.id) end
    end

    local day = 'crm_lead_day_' .. T .. one.day
    from, to = before and lead_counts(before) or {}, after and lead_counts(after) or {}
    for field, number in pairs(from) do
        if not to[field] then redis.call('HINCRBY', day, field, 0 - number) end -- never "-0"
    end
    for field, number in pairs(to) do
        local more = number - (from[field] or 0)
        if more ~= 0 then day_count(day, field, more) end
    end

    lead_campaign_count(T, one.day, before, after)

    local was, is = before and lead_reached(before), after and lead_reached(after)
    if was ~= is then
        day = 'crm_stats_' .. T .. one.day
        if was then redis.call('HINCRBY', day, 'step:' .. was, -1) end
        if is then day_count(day, 'step:' .. is, 1) end
    end
end

-- The lead with other fields, {field = value, or false: without it}: written, and its lists with
-- it. Returns it.
local function lead_change(T, t, lead, changes, now)
    local key, after, set = 'crm_lead_' .. T .. lead.id, {}, {}
    for name, value in pairs(lead) do after[name] = value end
    for name, value in pairs(changes) do after[name] = value end
    changes.score, changes.v, changes.updated_at = lead_score(after), tonumber(lead.v) + 1, now
    for name, value in pairs(changes) do
        after[name] = value
        if value then
            set[#set + 1], set[#set + 2] = name, value
        else
            redis.call('HDEL', key, name)
        end
    end
    redis.call('HSET', key, unpack(set))
    lead_listed(T, t, lead, after, now)
    return after
end
