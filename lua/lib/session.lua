-- lib/session.lua: sessions of visitors nobody knows. sid: the session's id as it stands in keys.
--
-- A session is a hash, and a log of its activities while nobody knows whose they are. Once it is
-- a contact's (lib/session_write.lua), contact_id says so and the log is gone: the activities are
-- in the contact's timeline.

-- Is a session over that was last seen then? By the service's clock: the TTL only cleans up.
local function session_is_over(last_seen, now, keep_s)
    return tonumber(now) - tonumber(last_seen) >= tonumber(keep_s) * 1000
end

-- The activities that wait for a contact, {member, time, …}, oldest first; nil when there is no
-- such session, when it is a contact's already, or when it is empty.
local function session_open(T, sid, now, keep_s)
    local row = redis.call('HMGET', 'crm_session_' .. T .. sid, 'last_seen', 'contact_id')
    if not row[1] or row[2] or session_is_over(row[1], now, keep_s) then return nil end
    -- Its writer keeps the log at 50 (event_anon.lua).
    local visits = redis.call('ZRANGE', 'crm_sessionlog_' .. T .. sid, 0, 49, 'WITHSCORES')
    return visits[1] and visits
end
