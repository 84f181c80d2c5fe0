#!lua
-- activity_add: somebody notes what happened between them and a contact. A call or message of
-- theirs is the first contact of a lead that had none.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  of the lead it is about: its hash, or the string that a
--                                         lead number points with; the change stream for none
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  <c>                   ARGV[5]  time of the activity, ms  ARGV[6]  its id
-- ARGV[7]  its member, JSON      ARGV[8]  "id" or "no" for a lead, "" for none
-- ARGV[9]  1: the contact was contacted by it
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, activity id, its time, contact id, lead id or "-"}
-- Errors   NOTFOUND, INVALID lead_id, MISMATCH
-- @include lib/seen.lua
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
-- @include lib/resolve.lua

local T, t, now, at = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local e = {}
for i = 10, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if #ARGV < 9 or not tonumber(now) or not tonumber(at) or (e.again and not e.again_print) then
    return redis.error_reply('ERR activity_add: its arguments are not what it expects')
end
if e.again then
    local known = seen_read(redis.call('GET', e.again), now, e.again_print)
    if known ~= nil then return seen_repeat(known) end
end

local c, path = contact_resolve(T, ARGV[4])
if not c then return redis.error_reply('NOTFOUND no such contact') end
local contact = capture_read(T, c)
local sides = contact.merges and sides_of(T, contact.merges, path) or {}
local lead
if ARGV[8] ~= '' then
    local key = KEYS[2]
    if ARGV[8] == 'no' then key = 'crm_lead_' .. T .. (redis.call('GET', key) or '') end
    lead = lead_read(T, string.sub(key, #('crm_lead_' .. T) + 1))
    if not lead or lead.contact_id ~= 'contact_' .. c then
        return redis.error_reply('INVALID lead_id')
    end
    sides = select(2, lead_person(T, lead))
end

-- The newest lead that waits for its first contact.
local function waiting()
    for _, id in ipairs(redis.call('ZRANGE', 'crm_contact_lead_' .. T .. c, 0,
        LEADS_OF_A_PERSON - 1, 'REV')) do
        local one = lead_read(T, id)
        if one and one.is_active == '1' and not one.first_contact_at
            and not LEAD_CONVERTED[one.status] and not LEAD_LOST[one.status] then
            return one
        end
    end
end
local contacted = ARGV[9] == '1' and (lead or waiting()) or nil

-- All writes, from here on; nothing below can fail ----------------------------------------------

local words = {ARGV[6], at, 'contact_' .. c, lead and lead.id or '-'}
if e.again then seen_claim(e.again, now, e.again_print, table.concat(words, ' ')) end
local member = string.sub(ARGV[7], 1, -2) .. (lead and ',"l":"' .. lead.id .. '"' or '') .. '}'
for turn = 0, #sides do
    -- Not by contact_capture: what was noted is not the contact's own last activity.
    local record, set = turn == 0 and c or sides[turn], {}
    contact_append(T, record, turn == 0 and contact or capture_read(T, record),
        function(field, value) set[#set + 1], set[#set + 2] = field, value end, at, now, member)
    redis.call('HSET', 'crm_contact_' .. T .. record, unpack(set))
    if turn > 0 then side_keep(T, record) end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'activity.added', 'a',
    ARGV[6])
if contacted then lead_is_contacted(T, t, contacted, at, now, {by = ''}, KEYS[1]) end
return {0, unpack(words)}
