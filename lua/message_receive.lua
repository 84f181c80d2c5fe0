#!lua
-- message_receive: a message that came by WhatsApp (seed 004): its contact, its lead, the
-- conversation.
-- @keys 3
-- KEYS[1]  change stream         KEYS[2]  counters of the day       KEYS[3]  index of the sender
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  received ms
-- ARGV[4]  written ms            ARGV[5]  the sender's identity: its word,
-- ARGV[6]  its canonical text,   ARGV[7]  and as it stands in keys
-- ARGV[8]  id of a lead to be    ARGV[9]  <c> of a contact to be    ARGV[10] its number
-- ARGV[11] day, yyyymmdd         ARGV[12] activity id               ARGV[13] text
-- ARGV[14] member of the timeline, ARGV[15] of the conversation, ARGV[16] of the timeline when the
--          lead is active again: JSON objects, to which the lead is added
-- then pairs of name and value, in any order:
--   seen, seen_keep            key of the message's id; ms that it is remembered
--   again, again_print         key of the Idempotency-Key; its fingerprint
--   name                       of the sender, as typed
--   floor, reactivate          settings of leads: score; 1: who writes is active again
--   utm_source, utm_campaign   of the lead to be
--   temp_email                 of a contact that is not registered
--   whatsapp                   the sender's digits
--   segments_v, segments       version of the segments by which the message was judged; those it
--                              belongs to, "<id>:<n>", with blanks between them
--   "@<field>"                 name of the contact; a registered one keeps its own
-- Returns  {replayed 0|1, lead id, lead number, lead made 0|1, messages, contact id, contact made
--          0|1, registered 0|1}: of a registered contact there is no lead, and messages are all of
--          the contact's; {2}, and nothing is done: the segments have another version
-- Errors   MISMATCH, NUMBER
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
-- @include lib/message.lua

local T, t, now, at, text = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[13]
local names, values, keys = {ARGV[5]}, {ARGV[6]}, {KEYS[3]}
local e, profile = {}, {}
for i = 17, #ARGV, 2 do
    if string.byte(ARGV[i]) == 64 then
        profile[#profile + 1], profile[#profile + 2] = string.sub(ARGV[i], 2), ARGV[i + 1]
    else
        e[ARGV[i]] = ARGV[i + 1]
    end
end
if not (tonumber(now) and tonumber(at) and tonumber(e.floor) and e.segments_v) or #KEYS ~= 3
    or (e.seen and not tonumber(e.seen_keep)) or (e.again and not e.again_print) then
    return redis.error_reply('ERR message_receive: its arguments are not what it expects')
end

if e.seen then
    local known = seen_read(redis.call('GET', e.seen), now, '-', tonumber(e.seen_keep))
    if known then return seen_repeat(known) end
end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known ~= nil then return seen_repeat(known) end
end

if (redis.call('HGET', 'crm_ws' .. t, 'segments_v') or '0') ~= e.segments_v then return {2} end

-- Whose is it? ----------------------------------------------------------------------------------

local plan = identity_resolve(T, names, values, keys, function(c) return capture_read(T, c) end)
local contact_made = plan.c == nil
local person = plan.c or ARGV[9]
local path = plan.path or 'contact_' .. person
local person_key = 'crm_contact_' .. T .. person
if contact_made and redis.call('EXISTS', person_key) == 1 then
    return redis.error_reply('NUMBER the contact number is taken')
end
local row = redis.call('HMGET', person_key, 'ext', 'student_id', 'registered', 'first_name',
    'message_count')
local is_registered = row[1] or row[2] or row[3] == '1'

-- What becomes of its lead ----------------------------------------------------------------------

local window = 'crm_lead_window_' .. T .. 'wa:' .. ARGV[7]
local before, lead, created, reactivated
local changes = {}
if not is_registered then
    local id = redis.call('GET', window)
    before = id and lead_read(T, id)
    created = not before
    lead = before or {id = ARGV[8], source = 'whatsapp', status = 'new', is_active = '1',
        has_contact = '1', day = ARGV[11], floor = e.floor, created_at = now}
    changes.message_count = tonumber(lead.message_count or 0) + 1
    changes.contact_id = 'contact_' .. person
    if tonumber(at) >= tonumber(lead.last_message_at or 0) then
        changes.last_message, changes.last_message_at = text, at
        changes.name = e.name
    end
    reactivated = lead.is_active ~= '1' and e.reactivate == '1'
    if reactivated then changes.is_active = '1' end
end

-- All writes, from here on; nothing below can fail ----------------------------------------------

local sides, keep_side
if plan.contact and plan.contact.merges then
-- @include lib/sides.lua
    sides, keep_side = sides_of(T, plan.contact.merges, path), side_keep
end
if created then lead.no = redis.call('INCR', 'crm_lead_seq' .. t) end
local answer = {lead and lead.id or '-', lead and lead.no or '-', created and '1' or '0',
    lead and changes.message_count or tonumber(row[5] or 0) + 1, 'contact_' .. person,
    contact_made and '1' or '0', is_registered and '1' or '0'}
local reply = table.concat(answer, ' ')
if e.seen then seen_claim(e.seen, now, '-', reply, tonumber(e.seen_keep)) end
if e.again then seen_claim(e.again, now, e.again_print, reply) end

local of_lead = '}'
if lead then
    of_lead = ',"l":"' .. lead.id .. '"}'
    if created then
        for name, value in pairs(changes) do lead[name] = value end
        lead.first_message, lead.v, lead.updated_at = text, 1, now
        lead[names[1]] = names[1] == 'phone' and values[1] or ARGV[7]
        lead.utm_source, lead.utm_campaign = e.utm_source, e.utm_campaign
        lead.score = lead_score(lead)
        local set = {}
        for name, value in pairs(lead) do set[#set + 1], set[#set + 2] = name, value end
        redis.call('HSET', 'crm_lead_' .. T .. lead.id, unpack(set))
        redis.call('SET', 'crm_lead_no_' .. T .. lead.no, lead.id)
        redis.call('SET', window, lead.id)
        lead_listed(T, t, nil, lead, now)
    else
        local moves = reactivated or changes.last_message
        lead = lead_change(T, t, before, changes, moves and now or before.updated_at)
    end
end
local function with_lead(member) return string.sub(member, 1, -2) .. of_lead end

message_add(T, person, at, with_lead(ARGV[15]))
for _, side in ipairs(sides or {}) do message_add(T, side, at, with_lead(ARGV[15])) end

local entered = {}
if e.segments then
-- @include lib/segment.lua
    for segment in string.gmatch(e.segments, '%S+') do
        if segment_enter(T, segment, person, sides, now) then entered[#entered + 1] = segment end
    end
end

local fields = is_registered and row[4] and {} or profile
local function field(name, value) fields[#fields + 1], fields[#fields + 2] = name, value end
if e.whatsapp then field('whatsapp', e.whatsapp) end
if e.temp_email and not is_registered then field('temp_email', e.temp_email) end
local activities = {at, with_lead(ARGV[14])}
if reactivated then activities[3], activities[4] = now, with_lead(ARGV[16]) end
person_write(T, t, {c = person, path = path, plan = plan, names = names, values = values,
    keys = keys, created = contact_made, n = ARGV[10], sides = sides, keep_side = keep_side,
    session = '', session_keep = 0},
    {source = 'WhatsApp', fields = fields, activities = activities,
        action = 'Sent a WhatsApp message',
        lead = lead and (created or before.contact_id ~= lead.contact_id) and lead.id,
        lead_at = lead and lead.created_at, score = lead and lead.score}, now, KEYS[2])
for _, c in ipairs({person, unpack(sides or {})}) do
    redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'message_count', 1)
end

if created then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', person, 't', 'lead.created', 'l',
        lead.id)
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', person, 't', 'message.received', 'l',
    lead and lead.id or '', 'a', ARGV[12])
for _, segment in ipairs(entered) do
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', person, 't', 'segment.entered',
        'g', string.match(segment, '^[^:]+'))
end
if not lead then answer[1], answer[2] = '', '' end
return {0, unpack(answer)}
