#!lua
-- lead_decide: a person moves a lead of the booking form to another status.
-- @keys 3
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- KEYS[2]  change stream         KEYS[3]  counters of the day
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"              ARGV[3]  tag after, <t>
-- ARGV[4]  now ms                ARGV[5]  status                    ARGV[6]  statuses that it may
--                                                                            follow, with blanks
-- ARGV[7]  version the caller expects, or ""                        ARGV[8]  note, or ""
-- ARGV[9]  1: the lead is converted by it                           ARGV[10] id and
-- ARGV[11] member of the activity, for the contact's timeline
-- ARGV[12] last_action           then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, {field, value, …}}
-- Errors   NOTFOUND, VERSION, ILLEGAL <status it has>, MISMATCH
-- @include lib/seen.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/sides.lua
-- @include lib/capture.lua
-- @include lib/lead.lua

local T, t, now, status = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
local e = {}
for i = 13, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 12 or not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR lead_decide: its arguments are not what it expects')
end

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. T .. (redis.call('GET', key) or '') end
local before = lead_read(T, string.sub(key, #('crm_lead_' .. T) + 1))
if not before or before.source ~= 'booking_form' then
    return redis.error_reply('NOTFOUND no such lead')
end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known == false then return seen_repeat(known) end
    if known then return {1, redis.call('HGETALL', key)} end
end
if ARGV[7] ~= '' and ARGV[7] ~= before.v then return redis.error_reply('VERSION ' .. before.v) end
local function is_allowed()
    for word in string.gmatch(ARGV[6], '%S+') do
        if word == before.status then return true end
    end
end
if before.status ~= status and not is_allowed() then
    return redis.error_reply('ILLEGAL ' .. before.status)
end

-- All writes, from here on; nothing below can fail ----------------------------------------------

if e.again then seen_claim(e.again, now, e.again_print, status) end
local moved = before.status ~= status
if moved or ARGV[8] ~= '' then
    local changes = {status = status}
    if ARGV[8] ~= '' then changes.note = ARGV[8] end
    if moved and ARGV[9] == '1' then
        changes.converted_at, changes.recovered_at = now, now
        day_count(KEYS[3], 'recovered', 1)
    end
    lead_change(T, t, before, changes, now)
end
if moved then
    -- What has been decided is over: the next request of this person is a new one.
    local windows = {'phone:' .. (before.phone or ''), 'ip:' .. (before.ip or '')}
    for _, window in ipairs(windows) do
        local name = 'crm_lead_window_' .. T .. window
        if redis.call('GET', name) == before.id then redis.call('DEL', name) end
    end
    local c = before.contact_id and string.sub(before.contact_id, 9)
    local contact = c and capture_read(T, c)
    local member = string.sub(ARGV[11], 1, -2) .. ',"l":"' .. before.id .. '"}'
    if contact then
        local records = {c, unpack(contact.merges and sides_of_lead(T, contact.merges, before.id)
            or {})}
        for i, record in ipairs(records) do
            contact_capture(T, t, record, i == 1 and contact or capture_read(T, record),
                {source = 'Booking Form', names = {}, values = {}, fields = {},
                    activities = {now, member}, action = ARGV[12]}, now)
            if i > 1 then side_keep(T, record) end
        end
    end
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'c', c or '', 't', 'lead.' .. status,
        'l', before.id, 'a', ARGV[10])
end
return {0, redis.call('HGETALL', key)}
