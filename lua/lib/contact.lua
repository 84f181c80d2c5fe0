-- lib/contact.lua: what making and changing a contact writes, beside the fields of its own hash.
-- put(field, value) gathers fields for one HSET. Needs lib/timeline.lua.

-- @include lib/day.lua
-- @include lib/priority.lua

-- The fields that every new contact has. source: the word of its first touch.
local function contact_begin(put, c, n, source, now)
    put('id', 'contact_' .. c)
    put('n', n)
    put('lead_source', source)
    put('lead_score', '50')
    put('created_at', now)
end

-- An entry in the timeline, and what the hash says of it. contact: its fields before.
local function contact_append(T, c, contact, put, at, now, member)
    local recent, dropped = timeline_add(T, c, at, member, tonumber(contact.recent or 0))
    put('v', tonumber(contact.v or 0) + 1)
    put('activities', tonumber(contact.activities or 0) + 1)
    put('recent', recent)
    put('updated_at', now)
    if dropped > 0 then redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'dropped', dropped) end
end

-- The lists of contacts and the day's counters, after a contact was made (from: false) or has moved
-- from one lead status to another.
local function contact_listed(T, t, c, created, from, to, now, day)
    if created then
        redis.call('ZADD', 'crm_created' .. t, now, c)
        day_count(day, 'created', 1)
    end
    if from == to then return end
    if from then redis.call('ZREM', 'crm_status_' .. T .. from, c) end
    redis.call('ZADD', 'crm_status_' .. T .. to, now, c)
    day_count(day, 'to:' .. to, 1)
    if from then day_count(day, 'flow:' .. from .. '>' .. to, 1) end
end
