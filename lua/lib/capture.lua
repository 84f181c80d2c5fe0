-- lib/capture.lua: what a capture writes to the person's contact: a lead, a message. (Events have
-- more to decide: event_track.) Needs lib/contact.lua and lib/search.lua.

-- @include lib/record.lua

-- The words of the channels a person came by: "<first touch>|<others>…".
local function contact_sources(contact, source)
    local sources = contact.sources or contact.lead_source
    if not sources then return nil end -- a new contact: its lead_source says it
    if string.find('|' .. sources .. '|', '|' .. source .. '|', 1, true) then return nil end
    return sources .. '|' .. source
end

-- Fields that contact_capture needs of a contact, beside its identities.
local CAPTURE_FIELDS = {'v', 'activities', 'recent', 'last_activity', 'lead_status', 'lead_source',
    'sources', 'merges', 'ext', 'email', 'phone', 'wa', 'lead_score'}

local function capture_read(T, c)
    return record_read('crm_contact_' .. T .. c, CAPTURE_FIELDS)
end

-- c, contact: the record and its fields. o:
--   created, n, source      the contact is made now, with this number; the channel's word
--   names, values           identities of the call
--   fields                  {field, value, …} that it gets
--   activities              {time, member, …} for its timeline, oldest first
--   action                  last_action, with an activity
--   lead, lead_at           id and creation of a lead that becomes this contact's, or nil
--   score                   of the lead, or nil: the contact's is the highest among its leads
-- Returns its lead status before, or false, and now.
local function contact_capture(T, t, c, contact, o, now)
    local set = {}
    local function put(field, value) set[#set + 1], set[#set + 2] = field, value end
    for i = 1, #o.activities, 2 do
        contact_append(T, c, contact, put, o.activities[i], now, o.activities[i + 1])
        for j = 1, #set, 2 do contact[set[j]] = tostring(set[j + 1]) end
    end
    local last = o.activities[#o.activities - 1]
    if last and tonumber(last) >= tonumber(contact.last_activity or 0) then
        put('last_activity', last)
        if o.action then put('last_action', o.action) end
    end
    if o.created then contact_begin(put, c, o.n, o.source, now) end
    if tonumber(o.score or 0) > tonumber(contact.lead_score or 50) then
        put('lead_score', o.score)
    end
    local from = contact.lead_status or false
    if not from then
        put('lead_status', 'new_lead')
        put('status_at', now)
    end
    local found_by = #o.names > 0 and not string.find(c, '~', 1, true) and search_read(T, c)
    for i = 1, #o.names do
        if not contact[o.names[i]] then put(o.names[i], o.values[i]) end
    end
    local sources = contact_sources(contact, o.source)
    if sources then put('sources', sources) end
    for i = 1, #o.fields, 2 do put(o.fields[i], o.fields[i + 1]) end
    if #set > 0 then redis.call('HSET', 'crm_contact_' .. T .. c, unpack(set)) end
    if found_by then search_update(t, c, found_by, search_read(T, c)) end
    if not string.find(c, '~', 1, true) then contact_ranked(T, t, c) end
    if o.lead then
        redis.call('ZADD', 'crm_contact_lead_' .. T .. c, o.lead_at, o.lead)
        redis.call('SADD', 'crm_contact_alias_' .. T .. c, 'lead:' .. o.lead)
    end
    return from, from or 'new_lead'
end
