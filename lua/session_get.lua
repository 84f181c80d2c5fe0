#!lua flags=no-writes
-- session_get: a session with its activities, at most 50, oldest first.
-- @keys 2
-- KEYS[1]  the session's hash    KEYS[2]  its log
-- ARGV[1]  tag before, <T>       ARGV[2]  the session's id          ARGV[3]  now ms
-- ARGV[4]  seconds that a session lives after its last event
-- Returns  {{field, value, …}, {time, member, …}}
-- Errors   NOTFOUND
--
-- Those of a contact's session are looked for in the contact's timeline, from its newest entry
-- back, through at most 512 of the older ones.
-- @include lib/session.lua

local T, sid = ARGV[1], ARGV[2]
local MOST, LOOK_AT_MOST, CHUNK = 50, 512, 64

local fields = redis.call('HGETALL', KEYS[1])
local session = {}
for i = 1, #fields, 2 do session[fields[i]] = fields[i + 1] end
if not session.last_seen or session_is_over(session.last_seen, ARGV[3], ARGV[4]) then
    return redis.error_reply('NOTFOUND no such session')
end
if not session.contact_id then
    local log = redis.call('ZRANGE', KEYS[2], 0, MOST - 1, 'WITHSCORES')
    for i = 1, #log, 2 do log[i], log[i + 1] = log[i + 1], log[i] end
    return {fields, log}
end

local is_plain = not string.find(sid, '[%c"\\]') -- JSON spells it as it is
local function carries(member)
    if is_plain and not string.find(member, sid, 1, true) then return false end
    local good, entry = pcall(cjson.decode, member)
    local id = good and type(entry.s) == 'table' and entry.s.session_id
    if type(id) == 'number' then id = string.format('%.0f', id) end
    return id == sid
end

local c = string.sub(session.contact_id, 9, 21)
local found = {} -- newest first
local recent = redis.call('ZRANGE', 'crm_activity_' .. T .. c, 0, CHUNK - 1, 'REV', 'WITHSCORES')
for i = 1, #recent, 2 do
    if #found < MOST and carries(recent[i]) then found[#found + 1] = {recent[i + 1], recent[i]} end
end
local old = 'crm_activity_old_' .. T .. c
local last, looked_at = redis.call('LLEN', old) - 1, 0
while last >= 0 and #found < MOST and looked_at < LOOK_AT_MOST do
    local chunk = redis.call('LRANGE', old, math.max(last - CHUNK + 1, 0), last)
    for i = #chunk, 1, -1 do
        if #found < MOST and carries(chunk[i]) then
            found[#found + 1] = {string.match(chunk[i], '^{"at":(%d+)'), chunk[i]}
        end
    end
    last, looked_at = last - CHUNK, looked_at + CHUNK
end
local rows = {}
for i = #found, 1, -1 do rows[#rows + 1], rows[#rows + 2] = found[i][1], found[i][2] end
return {fields, rows}
