#!lua
-- lead_booking: a call of the booking form (seed 000): finds or makes the lead and its contact.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  counters of the day       KEYS[3…]  identity indexes,
--                                                                    strongest first
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  window ms             ARGV[5]  "fixed" or "sliding"      ARGV[6]  "track" or "submit"
-- ARGV[7]  id of a lead to be    ARGV[8]  <c> of a contact to be    ARGV[9]  its number
-- ARGV[10] day, yyyymmdd         ARGV[11] step: 1, 2 or 3           ARGV[12] 1: name and phone
--                                                                    are given
-- ARGV[13] phone, or ""          ARGV[14] session, or ""            ARGV[15] hash of the address
-- ARGV[16] packs seen, JSON      ARGV[17] member of the contact's timeline: tracked
-- ARGV[18] the same: submitted
-- ARGV[19…] for each identity: its word, its canonical text
-- then pairs of name and value, in any order:
--   "=<field>"  of the lead        "!<field>"  of the lead, only with contact details
--   "@<field>"  of the contact
--   seen, seen_print, again, again_print, merge_1, merge_2, session_keep     as in event_track
--   floor         score of a lead that can be reached
-- Returns  {replayed 0|1, lead id, lead number, status, created 0|1, has contact 0|1, step,
--          contact id, contact made 0|1, …}: then notes as in event_track; id "" when there was
--          nothing to store
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
-- @include lib/resolve.lua

local T, t, now = ARGV[1], ARGV[2], ARGV[3]
local now_ms, window_ms = tonumber(now), tonumber(ARGV[4])
local submits, gives_contact = ARGV[6] == 'submit', ARGV[12] == '1'
local phone, session, address = ARGV[13], ARGV[14], ARGV[15]

-- Arguments -------------------------------------------------------------------------------------

local names, values, keys = {}, {}, {}
for i = 3, #KEYS do
    keys[i - 2] = KEYS[i]
    names[i - 2], values[i - 2] = ARGV[2 * i + 13], ARGV[2 * i + 14]
end
local e, journey, personal, profile = {}, {}, {}, {}
local lists = {['='] = journey, ['!'] = personal, ['@'] = profile}
for i = 2 * #KEYS + 15, #ARGV, 2 do
    local list = lists[string.sub(ARGV[i], 1, 1)]
    if list then
        list[#list + 1], list[#list + 2] = string.sub(ARGV[i], 2), ARGV[i + 1]
    else
        e[ARGV[i]] = ARGV[i + 1]
    end
end

if not (tonumber(now) and window_ms) or #ARGV < 2 * #KEYS + 14
    or (e.seen and not e.seen_print) or (e.again and not e.again_print)
    or not e.merge_1 or not e.merge_2 or not tonumber(e.session_keep)
    or not tonumber(e.floor) then
    return redis.error_reply('ERR lead_booking: its arguments are not what it expects')
end

for _, id in ipairs({'seen', 'again'}) do
    local known = e[id] and seen_read(redis.call('GET', e[id]), now, e[id .. '_print'])
    if known ~= nil and e[id] then return seen_repeat(known) end
end

-- Which lead is it? -----------------------------------------------------------------------------

local function window_key(kind, value) return 'crm_lead_window_' .. T .. kind .. ':' .. value end

-- The lead that a window points to, while the window lasts by the service's clock.
local function lead_of(kind, value)
    if value == '' then return nil end
    local id = redis.call('GET', window_key(kind, value))
    local lead = id and lead_read(T, id)
    if not lead then return nil end
    local base = ARGV[5] == 'sliding' and lead.updated_at or lead.created_at
    if now_ms - tonumber(base) >= window_ms then return nil end
    return lead
end

local function is_undecided(lead) return lead.status == 'tracking' or lead.status == 'pending' end

local function find()
    local lead
    if gives_contact and phone ~= '' then
        lead = lead_of('phone', phone)
        if lead and is_undecided(lead) then return lead end
    end
    lead = lead_of('session', session)
    if lead and (not gives_contact or lead.has_contact ~= '1' or lead.phone == phone)
        and (not submits or is_undecided(lead)) then
        return lead
    end
    -- The address is the last resort: only a lead without contact details, whose session is not
    -- another one. It never joins two phones.
    lead = lead_of('ip', address)
    if lead and lead.has_contact ~= '1'
        and (session == '' or lead.session == '' or lead.session == session) then
        return lead
    end
    return nil
end

local before = find()
local created = before == nil
local has_contact = gives_contact or (before ~= nil and before.has_contact == '1')
if #journey == 0 and ARGV[16] == '' and not has_contact then
    return {0, '', '', '', 0, 0, '', '', 0} -- a lone name, phone or e-mail is not stored
end

-- What becomes of it ----------------------------------------------------------------------------

local lead = {id = ARGV[7], source = 'booking_form', day = ARGV[10], created_at = now,
    status = 'tracking', is_active = '1', floor = e.floor, session = session}
for name, value in pairs(before or {}) do lead[name] = value end
lead.has_contact, lead.step = has_contact and '1' or '0', ARGV[11]
-- A partial call after the submit fills gaps and changes nothing else.
local late = not created and before.status ~= 'tracking' and not submits
if before and (late or before.step > lead.step) then lead.step = before.step end
if submits and lead.status == 'tracking' then
    lead.status, lead.submitted_at = 'pending', now
end
if lead.session == '' then lead.session = session end

local set = {}
local function put(field, value) set[#set + 1], set[#set + 2] = field, value end

local given = {}
for i = 1, #journey do given[i] = journey[i] end
for i = 1, has_contact and #personal or 0 do given[#given + 1] = personal[i] end
for i = 1, #given, 2 do
    if not late or redis.call('HEXISTS', 'crm_lead_' .. T .. lead.id, given[i]) == 0 then
        put(given[i], given[i + 1])
        if given[i] == 'utm_campaign' then lead.utm_campaign = given[i + 1] end
    end
end

-- Packs, each once, in the order in which they were seen first.
if ARGV[16] ~= '' and not late then
    local packs = before and before.packs and cjson.decode(before.packs) or {}
    local known = {}
    for _, pack in ipairs(packs) do known[pack.id] = true end
    for _, pack in ipairs(cjson.decode(ARGV[16])) do
        if not known[pack.id] and #packs < 50 then
            known[pack.id] = true
            packs[#packs + 1] = {id = pack.id, name = pack.name, at = now}
        end
    end
    put('packs', cjson.encode(packs))
end

-- Whose is it? ----------------------------------------------------------------------------------

-- A later field of a lead that has its contact: the lead's phone says whose it is.
if has_contact and not gives_contact and before.phone and names[#names] ~= 'phone' then
    names[#names + 1], values[#values + 1] = 'phone', before.phone
    keys[#keys + 1] = 'crm_contact_phone_' .. T .. before.phone
end

local person, path, plan, notes, sides, keep_side
local function read(c) return capture_read(T, c) end
local contact_made = false
if has_contact and #names > 0 then
    plan = identity_resolve(T, names, values, keys, read)
    if not plan.c and lead.contact_id then
        plan.path = lead.contact_id -- a new e-mail or phone of the contact that the lead has
        plan.c = string.sub(plan.path, 9)
        plan.contact, plan.apart = read(plan.c), nil
    end
    contact_made = plan.c == nil
    person = plan.c or ARGV[8]
    path = plan.path or 'contact_' .. person
    if contact_made and redis.call('EXISTS', 'crm_contact_' .. T .. person) == 1 then
        return redis.error_reply('NUMBER the contact number is taken')
    end
end

-- All writes, from here on; nothing below can fail ----------------------------------------------

if plan and (plan.apart or plan.merge or (plan.contact and plan.contact.merges)) then
-- @include lib/sides.lua
-- @include lib/merge.lua
-- @include lib/settle.lua
    notes, sides = identity_settle(T, t, plan, person, path, names, keys, {e.merge_1, e.merge_2},
        now, KEYS[1], KEYS[2], read)
    keep_side = side_keep
end
local theirs_only = false
local theirs = lead.contact_id and contact_resolve(T, string.sub(lead.contact_id, 9))
if theirs and person and theirs ~= person then
    -- What was typed belongs to somebody else: the lead stays whose it is.
    plan.apart, plan.index, sides, theirs_only = nil, nil, nil, true
    for i = 1, #keys do
        if string.sub(redis.call('GET', keys[i]) or '', 9, 21) == person then
            plan.apart = plan.apart or {{i, person, 'lead'}}
        end
    end
    local item = plan.apart[1]
    notes = {'apart:' .. names[item[1]] .. ':contact_' .. person .. ':lead'}
    person, path = theirs, 'contact_' .. theirs
    plan.contact = read(person)
end
if person then lead.contact_id = 'contact_' .. person end

local number = created and redis.call('INCR', 'crm_lead_seq' .. t) or before.no
local answer = {lead.id, number, lead.status, created and '1' or '0', lead.has_contact,
    lead.submitted_at and 'submitted' or lead.step, lead.contact_id or '-',
    contact_made and '1' or '0', unpack(notes or {})}
local reply = table.concat(answer, ' ')
if e.seen then seen_claim(e.seen, now, e.seen_print, reply) end
if e.again then seen_claim(e.again, now, e.again_print, reply) end

if created then
    put('id', lead.id)
    put('no', number)
    put('source', lead.source)
    put('day', lead.day)
    put('is_active', lead.is_active)
    put('floor', lead.floor)
    put('created_at', now)
    redis.call('SET', 'crm_lead_no_' .. T .. number, lead.id)
end
local changed = #set > 0 or not late
if changed then
    put('updated_at', now)
    put('v', tonumber(before and before.v or 0) + 1)
end
lead.score = lead_score(lead)
put('status', lead.status)
put('score', lead.score)
put('step', lead.step)
put('has_contact', lead.has_contact)
put('session', lead.session)
if lead.submitted_at then put('submitted_at', lead.submitted_at) end
if lead.contact_id then put('contact_id', lead.contact_id) end
if gives_contact and not late then put('phone', phone) end
put('ip', has_contact and '' or address)
redis.call('HSET', 'crm_lead_' .. T .. lead.id, unpack(set))
lead_listed(T, t, before, lead, changed and now or before.updated_at)

local base = ARGV[5] == 'sliding' and now or lead.created_at
local left = tonumber(base) + window_ms - now_ms
local function open_window(kind, value)
    if value ~= '' and left > 0 then
        redis.call('SET', window_key(kind, value), lead.id, 'PX', math.min(left, window_ms))
    end
end
if gives_contact and is_undecided(lead) then open_window('phone', phone) end
open_window('session', session)
if has_contact then
    local mine = before and before.ip and before.ip ~= '' and window_key('ip', before.ip)
    if mine and redis.call('GET', mine) == lead.id then redis.call('DEL', mine) end
else
    open_window('ip', address)
end

if person then
    local is_new = not (before and before.contact_id)
    local submitted = submits and (created or before.status == 'tracking')
    local member = (submitted and ARGV[18]) or (is_new and ARGV[17])
    local activities = {}
    if member then
        activities = {now, string.sub(member, 1, -2) .. ',"l":"' .. lead.id .. '"}'}
    end
    person_write(T, t, {c = person, path = path, plan = plan, names = names, values = values,
        keys = keys, created = contact_made, n = ARGV[9], sides = sides, keep_side = keep_side,
        session = session, session_keep = e.session_keep},
        {source = 'Booking Form', names = theirs_only and {} or names,
            fields = late and {} or profile, activities = activities,
            action = member and (submitted and 'Submitted booking form'
                or 'Filled in booking form'),
            lead = is_new and lead.id, lead_at = lead.created_at, score = lead.score}, now, KEYS[2])
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', person or '', 't',
    created and 'lead.created' or 'lead.updated', 'l', lead.id)
if answer[7] == '-' then answer[7] = '' end
return {0, unpack(answer)}
