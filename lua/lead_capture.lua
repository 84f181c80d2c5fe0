#!lua
-- lead_capture: a lead of a person who can be reached: a failed booking (seed 003), or any other
-- source. Finds the lead that it repeats, or makes one, with its contact, task and alert.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  counters of the day       KEYS[3…]  identity indexes,
--                                                                    strongest first
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  window ms             ARGV[5]  "fixed" or "sliding"      ARGV[6]  day, yyyymmdd
-- ARGV[7]  source, slug          ARGV[8]  source, word              ARGV[9]  id of a lead to be
-- ARGV[10] <c> of a contact to be                                   ARGV[11] its number
-- ARGV[12] occurred ms           ARGV[13] member of the contact's timeline
-- ARGV[14] last_action           ARGV[15] floor of the source
-- ARGV[16…] for each identity: its word, its canonical text
-- then pairs of name and value, in any order:
--   "=<field>"  of the lead        "@<field>"  of the contact
--   preferred_date, preferred_time     of a failed booking: the same again is the same lead
--   reason, other                      of a failed booking, which is counted, and by the other rule
--   task, task_kind, task_title, task_note, task_priority, task_queue, task_rank, task_due
--   alert, alert_kind, alert_severity, alert_title, alert_due
--   day, today                         yyyymmdd: the slots near that day are looked at
--   session, session_keep, merge_1, merge_2, seen, seen_print, again, again_print    as in
--                                      event_track
-- Returns  {replayed 0|1, lead id, created 0|1, contact made 0|1, task id, alert id,
--          {field, value, …} of the lead, {slots, as lib/slot.lua has them}, …}: then notes as in
--          event_track
-- Errors   MISMATCH, NUMBER, NOTFOUND (a repeated call whose lead is gone)
-- @include lib/seen.lua
-- @include lib/identity.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/capture.lua
-- @include lib/lead.lua
-- @include lib/session.lua
-- @include lib/session_write.lua
-- @include lib/person.lua
-- @include lib/task_write.lua
-- @include lib/alert.lua
-- @include lib/failure.lua
-- @include lib/slot.lua

local T, t, now, source = ARGV[1], ARGV[2], ARGV[3], ARGV[7]
local now_ms, window_ms = tonumber(now), tonumber(ARGV[4])
local LEADS_LOOKED_AT = 50 -- of a contact, newest first

-- Arguments -------------------------------------------------------------------------------------

local names, values, keys = {}, {}, {}
for i = 3, #KEYS do
    keys[i - 2] = KEYS[i]
    names[i - 2], values[i - 2] = ARGV[2 * i + 10], ARGV[2 * i + 11]
end
local e, fields, profile = {}, {}, {}
local lists = {['='] = fields, ['@'] = profile}
for i = 2 * #KEYS + 12, #ARGV, 2 do
    local list = lists[string.sub(ARGV[i], 1, 1)]
    if list then
        list[#list + 1], list[#list + 2] = string.sub(ARGV[i], 2), ARGV[i + 1]
    else
        e[ARGV[i]] = ARGV[i + 1]
    end
end
local task = e.task and {kind = e.task_kind, title = e.task_title, note = e.task_note,
    priority = e.task_priority, queue = e.task_queue, rank = e.task_rank, due = e.task_due}
local alert = e.alert and {kind = e.alert_kind, severity = e.alert_severity,
    title = e.alert_title, due = e.alert_due}

if not (tonumber(now) and window_ms and tonumber(ARGV[12]) and tonumber(ARGV[15]))
    or #ARGV < 2 * #KEYS + 11 or not tonumber(e.session_keep)
    or not e.merge_1 or not e.merge_2 or (e.reason and not e.other)
    or (e.seen and not e.seen_print) or (e.again and not e.again_print)
    or (task and not (task.kind and task.title and task.note and task.priority and task.queue
        and tonumber(task.rank) and tonumber(task.due)))
    or (alert and not (alert.kind and alert.severity and alert.title and tonumber(alert.due))) then
    return redis.error_reply('ERR lead_capture: its arguments are not what it expects')
end

-- words: lead id, created, contact made, task, alert, and the notes.
local function answer(replayed, words)
    local row = redis.call('HGETALL', 'crm_lead_' .. T .. words[1])
    if not row[1] then return redis.error_reply('NOTFOUND the lead is gone') end
    for i = 4, 5 do words[i] = words[i] ~= '-' and words[i] or '' end
    local slots = e.day and slots_near(T, t, e.day, e.today, now) or {}
    return {replayed, words[1], words[2], words[3], words[4], words[5], row, slots,
        unpack(words, 6)}
end

for _, id in ipairs({'seen', 'again'}) do
    local known = e[id] and seen_read(redis.call('GET', e[id]), now, e[id .. '_print'])
    if known == false then return seen_repeat(known) end
    if known and e[id] then
        local words = seen_repeat(known)
        table.remove(words, 1)
        return answer(1, words)
    end
end

-- Whose is it, and which lead? ------------------------------------------------------------------

local person, path, plan, notes, sides, keep_side
local function read(c) return capture_read(T, c) end
local contact_made = false
if #names > 0 then
    plan = identity_resolve(T, names, values, keys, read)
    contact_made = plan.c == nil
    person = plan.c or ARGV[10]
    path = plan.path or 'contact_' .. person
    if contact_made and redis.call('EXISTS', 'crm_contact_' .. T .. person) == 1 then
        return redis.error_reply('NUMBER the contact number is taken')
    end
end

-- The lead that this call repeats: of the person, the same source and, of bookings, the same date
-- and time, while it is open and its window lasts by the service's clock.
local function is_same_time(lead)
    return (lead.preferred_date or '') == (e.preferred_date or '')
        and (lead.preferred_time or '') == (e.preferred_time or '')
end

local function is_repeated(lead)
    local base = ARGV[5] == 'sliding' and lead.updated_at or lead.created_at
    return lead.source == source and lead.is_active == '1' and not LEAD_CONVERTED[lead.status]
        and not LEAD_LOST[lead.status] and now_ms - tonumber(base) < window_ms
        and (not e.reason or is_same_time(lead))
end

local function find(c)
    local ids = redis.call('ZRANGE', 'crm_contact_lead_' .. T .. c, 0, LEADS_LOOKED_AT - 1, 'REV')
    for _, id in ipairs(ids) do
        local lead = lead_read(T, id)
        if lead and is_repeated(lead) then return lead end
    end
end

local before = plan and plan.c and find(plan.c) or nil
for _, item in ipairs(plan and plan.merge or {}) do before = before or find(item[2]) end
if not person then task = nil end -- a task is a contact's
if alert then alert.task = task and e.task end

-- All writes, from here on; nothing below can fail ----------------------------------------------

if plan and (plan.apart or plan.merge or (plan.contact and plan.contact.merges)) then
-- @include lib/sides.lua
-- @include lib/merge.lua
-- @include lib/settle.lua
    notes, sides = identity_settle(T, t, plan, person, path, names, keys, {e.merge_1, e.merge_2},
        now, KEYS[1], KEYS[2], read)
    keep_side = side_keep
end

local lead = {id = ARGV[9], source = source, day = ARGV[6], created_at = now, status = 'new',
    is_active = '1', has_contact = '1', floor = ARGV[15], attempts = 0, reason = e.reason,
    task_id = task and e.task, alert_id = e.alert,
    preferred_date = e.preferred_date, preferred_time = e.preferred_time}
for name, value in pairs(before or {}) do lead[name] = value end
if person then lead.contact_id = 'contact_' .. person end
lead.attempts = tonumber(lead.attempts or 1) + 1
lead.no = lead.no or redis.call('INCR', 'crm_lead_seq' .. t)
lead.score = lead_score(lead)

local words = {lead.id, before and 0 or 1, contact_made and 1 or 0, lead.task_id or '-',
    lead.alert_id or '-', unpack(notes or {})}
local reply = table.concat(words, ' ')
if e.seen then seen_claim(e.seen, now, e.seen_print, reply) end
if e.again then seen_claim(e.again, now, e.again_print, reply) end

local key = 'crm_lead_' .. T .. lead.id
local set = {'updated_at', now, 'attempts', lead.attempts, 'v',
    tonumber(before and before.v or 0) + 1, 'score', lead.score}
if not before then
    for _, name in ipairs({'id', 'no', 'source', 'status', 'day', 'is_active', 'has_contact',
        'floor', 'created_at', 'reason', 'task_id', 'alert_id', 'preferred_date',
        'preferred_time', 'contact_id'}) do
        if lead[name] then set[#set + 1], set[#set + 2] = name, lead[name] end
    end
    redis.call('SET', 'crm_lead_no_' .. T .. lead.no, lead.id)
end
for i = 1, #fields, 2 do
    -- A repetition fills what was missing, and changes nothing else.
    if not before or redis.call('HEXISTS', key, fields[i]) == 0 then
        set[#set + 1], set[#set + 2] = fields[i], fields[i + 1]
        lead[fields[i]] = fields[i + 1]
    end
end
redis.call('HSET', key, unpack(set))
lead_listed(T, t, before, lead, now)

if person then
    local member = string.sub(ARGV[13], 1, -2) .. ',"l":"' .. lead.id .. '"}'
    person_write(T, t, {c = person, path = path, plan = plan, names = names, values = values,
        keys = keys, created = contact_made, n = ARGV[11], sides = sides, keep_side = keep_side,
        session = e.session or '', session_keep = e.session_keep},
        {source = ARGV[8], fields = profile, activities = {ARGV[12], member}, action = ARGV[14],
            lead = not before and lead.id, lead_at = now, score = lead.score}, now, KEYS[2])
end
if task and not before then
    task.lead = lead.id
    task_make(T, t, e.task, person, now, task)
    redis.call('HINCRBY', 'crm_contact_' .. T .. person, 'open_tasks', 1)
    for _, side in ipairs(sides or {}) do
        task_of_contact(T, e.task, side, task.due)
    end
end
if alert and not before then
    alert.c, alert.lead = person, lead.id
    alert_make(T, t, e.alert, alert, now)
end
if e.reason then
    failure_count(T, ARGV[6], {reason = e.reason, other = e.other, captured = true,
        date = e.preferred_date or '', time = e.preferred_time or ''})
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', person or '', 't',
    before and 'lead.updated' or 'lead.created', 'l', lead.id,
    'k', task and not before and e.task or '', 'al', not before and e.alert or '')
return answer(0, words)
