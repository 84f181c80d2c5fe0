-- lib/session_write.lua: a session becomes a contact's. Needs lib/timeline.lua.

-- The session's activities, as session_open has found them, go to the contact's timeline, each at
-- its own time. contact: its fields; activities and recent are changed in there, for contact_append
-- to go on from. Returns the time of the newest.
local function session_attach(T, c, contact, visits)
    local recent, fallen = tonumber(contact.recent or 0), 0
    for i = 1, #visits, 2 do
        local dropped
        recent, dropped = timeline_add(T, c, visits[i + 1], visits[i], recent)
        fallen = fallen + dropped
    end
    contact.recent = recent
    contact.activities = tonumber(contact.activities or 0) + #visits / 2
    if fallen > 0 then redis.call('HINCRBY', 'crm_contact_' .. T .. c, 'dropped', fallen) end
    return visits[#visits]
end

-- The session was seen; it lives on from now.
local function session_keep(T, sid, now, keep_s)
    local key = 'crm_session_' .. T .. sid
    redis.call('HSET', key, 'last_seen', now)
    redis.call('EXPIRE', key, keep_s)
end

-- From now on the session is this contact's. path: what an identity's index would hold
-- (lib/identity.lua). sides: the contact's other records (lib/sides.lua), or nil.
local function session_link(T, sid, c, path, sides, now, keep_s)
    redis.call('HSET', 'crm_session_' .. T .. sid, 'contact_id', path)
    redis.call('DEL', 'crm_sessionlog_' .. T .. sid)
    session_keep(T, sid, now, keep_s)
    redis.call('SADD', 'crm_contact_alias_' .. T .. c, 'session:' .. sid)
    for _, side in ipairs(sides or {}) do
        redis.call('SADD', 'crm_contact_alias_' .. T .. side, 'session:' .. sid)
    end
end
