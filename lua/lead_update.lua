#!lua
-- lead_update: what a person does with a lead: moves it to another status, converts it, contacts
-- its person, puts it aside, assigns it, completes it.
-- @keys 3
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- KEYS[2]  change stream         KEYS[3]  counters of the day
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"              ARGV[3]  tag after, <t>
-- ARGV[4]  now ms                ARGV[5]  id of an activity         ARGV[6]  its data, JSON
-- then pairs of name and value, in any order:
--   "=<field>"          gets the value          "-<field>"  is removed
--   context             JSON object whose members its context gets
--   source              only a lead of this source is found
--   version             that the caller expects
--   form, form_after    status of a lead of the booking form, and those that it may follow
--   other, other_after  the same of any other lead; a lead without one for it: INVALID status
--   converts            1: the status is one of success
--   registers           1: the person is a customer from now on
--   student             id of the student that the person has become
--   customer, customer_key    customer id of the person, and its index
--   contacted           who has contacted the person
--   again, again_print
-- Returns  {replayed 0|1, {field, value, …}}
-- Errors   NOTFOUND, VERSION, MISMATCH, ILLEGAL <status it has>, INVALID <field>,
--          CONVERTED <student id it has>, TAKEN <contact id>
-- @include lib/seen.lua
-- @include lib/identity.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/sides.lua
-- @include lib/capture.lua
-- @include lib/lead.lua
-- @include lib/task.lua
-- @include lib/task_write.lua
-- @include lib/alert.lua
-- @include lib/lead_person.lua
-- @include lib/recover.lua
-- @include lib/json_object.lua

local T, t, now, activity, data = ARGV[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local CONTEXT_MOST = 32768 -- bytes

-- Arguments -------------------------------------------------------------------------------------

local e, given = {}, {}
for i = 7, #ARGV, 2 do
    local kind, name = string.match(ARGV[i], '^([=-]?)(.*)$')
    if kind == '' then
        e[name] = ARGV[i + 1]
    else
        given[name] = kind == '=' and ARGV[i + 1]
    end
end
if #ARGV < 6 or not tonumber(now) or (e.again and not e.again_print)
    or (e.form and not e.form_after) or (e.other and not e.other_after)
    or (e.customer and not e.customer_key) then
    return redis.error_reply('ERR lead_update: its arguments are not what it expects')
end

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. T .. (redis.call('GET', key) or '') end
local before = lead_read(T, string.sub(key, #('crm_lead_' .. T) + 1))
if not before or (e.source and before.source ~= e.source) then
    return redis.error_reply('NOTFOUND no such lead')
end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known == false then return seen_repeat(known) end
    if known then return {1, redis.call('HGETALL', key)} end
end
if e.version and e.version ~= before.v then return redis.error_reply('VERSION ' .. before.v) end

-- What does it change? --------------------------------------------------------------------------

local c, sides = lead_person(T, before)
local of_form = before.source == 'booking_form'
local changes = {}
for name, value in pairs(given) do
    if redis.call('HGET', key, name) ~= value then changes[name] = value end
end
if e.context then
    local context = redis.call('HGET', key, 'context') or '{}'
    changes.context = json_merged(context, e.context)
    if #changes.context > CONTEXT_MOST then return redis.error_reply('INVALID context') end
end

local status, after = e.other, e.other_after
if of_form then status, after = e.form, e.form_after end
if (e.form or e.other) and not status then return redis.error_reply('INVALID status') end
local moved = status and status ~= before.status
if moved then
    if not string.find(' ' .. after .. ' ', ' ' .. before.status .. ' ', 1, true) then
        return redis.error_reply('ILLEGAL ' .. before.status)
    end
    changes.status = status
    if e.converts then changes.converted_at = now end
end
if e.student and before.student_id ~= e.student then
    if before.student_id then return redis.error_reply('CONVERTED ' .. before.student_id) end
    changes.student_id = e.student
end
if e.contacted or changes.status == 'contacted' then
    for name, value in pairs(lead_contacted(before, now)) do changes[name] = value end
end

local contact = c and capture_read(T, c)
local customer = e.customer
if customer then
    if not contact then return redis.error_reply('INVALID customer_id') end
    local owner = redis.call('GET', e.customer_key)
    if owner and string.sub(owner, 9, 21) ~= c then
        return redis.error_reply('TAKEN ' .. string.sub(owner, 1, 21))
    end
    if contact.ext == customer then
        customer = nil
    elseif contact.ext then
        return redis.error_reply('TAKEN contact_' .. c)
    end
end
local joins = e.registers and (moved or changes.student_id or customer)

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.again then seen_claim(e.again, now, e.again_print, before.id) end
local is_booking = moved and e.converts and of_form
if is_booking then
    changes.recovered_at = now
    day_count(KEYS[3], 'recovered', 1)
end
local lead = before
if next(changes) then lead = lead_change(T, t, before, changes, now) end
if not (next(changes) or e.contacted or customer) then return {0, redis.call('HGETALL', key)} end

if changes.student_id then
    redis.call('SET', 'crm_lead_student_' .. T .. e.student, lead.id)
    for _, side in ipairs(before.recovered_from and sides or {}) do
        side_converts(T, side, lead, now)
    end
end
if moved then
    -- What has been decided is over: the next request of this person is a new one.
    lead_windows_end(T, lead, joins and {'phone', 'ip', 'wa'} or {'phone', 'ip'})
end

local task, alert
if (moved or joins) and (LEAD_CONVERTED[lead.status] or LEAD_LOST[lead.status]) then
    task, alert = lead_settled(T, t, lead, c, sides, now)
end
if (e.contacted or changes.status == 'contacted') and lead.alert_id then
    alert = alert_close(T, t, lead.alert_id, now, e.contacted or 'api') and lead.alert_id
end

local word = (e.contacted and 'contacted') or ((moved or joins) and lead.status)
if contact and word then
    local by_form = of_form and not e.contacted
    local member = lead_activity(lead, activity, (by_form and 'booking_form.' or 'lead.') .. word,
        data)
    local o = {activities = {now, member},
        action = (by_form and 'Booking form ' or 'Lead ') .. word}
    if joins then
        o.fields = {'registered', '1'}
        if lead.student_id then o.fields = {'registered', '1', 'student_id', lead.student_id} end
    end
    if customer then
        o.names, o.values = {'ext'}, {customer}
        identity_write(T, t, {'ext'}, {e.customer_key}, {index = {1}}, c, lead_path(c, sides),
            sides, now)
    end
    person_gets(T, t, c, sides, o, now)
end
if c and lead.score ~= before.score then person_scored(T, t, c, sides, now) end
if c and is_booking then
    local tasks = {is_open = task_is_open, cancel = task_cancel, closes = side_closes}
    person_recovers(T, t, c, nil, now, KEYS[2], KEYS[3], tasks)
    for _, side in ipairs(sides) do side_recovers(T, side, nil, now, tasks) end
end

local what = word or 'updated'
if changes.is_active then what = changes.is_active == '1' and 'reactivated' or 'deactivated' end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'c', c or '', 't', 'lead.' .. what, 'l',
    lead.id, 'a', contact and word and activity or '', 'x', task or '', 'al', alert or '')
return {0, redis.call('HGETALL', key)}
