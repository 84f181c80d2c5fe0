#!lua
-- event_anon: an event of a visitor nobody knows: into the session, counters. If the session is a
-- contact's, nothing is written: then the event is the contact's (event_track).
-- @keys 4
-- KEYS[1]  change stream         KEYS[2]  counters of the day
-- KEYS[3]  the session's hash    KEYS[4]  its log
-- ARGV[1]  tag before, <T>       ARGV[2]  received ms               ARGV[3]  occurred ms
-- ARGV[4]  the session's id      ARGV[5]  the same, as in keys      ARGV[6]  event type
-- ARGV[7]  activity id           ARGV[8]  log member, JSON          ARGV[9]  hour, 2 digits
-- ARGV[10] seconds that a session lives after its last event
-- then pairs of name and value, in any order:
--   device, browser, utm       the session's, if it has none yet
--   seen, seen_print           key of the caller's event id; its fingerprint
--   again, again_print         key of the Idempotency-Key; its fingerprint
-- Returns  {replayed 0|1, "", "0", activity id, "", "", "", "session:<id, as in keys>"}: as
--          event_track does; a replayed event may be one that event_track has answered
--          {2, contact ids}: the session is a contact's ("contact_<c> …", lib/identity.lua)
-- Errors   MISMATCH
-- @include lib/seen.lua
-- @include lib/day.lua
-- @include lib/session.lua

local LOG_MAX = 50 -- the newest are kept

local T, now, at, sid, keep_s = ARGV[1], ARGV[2], ARGV[3], ARGV[5], ARGV[10]
local event, activity = ARGV[6], ARGV[7]
local call = redis.call
local e = {}
for i = 11, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not (tonumber(now) and tonumber(at) and tonumber(keep_s)) or tonumber(keep_s) < 1
    or (e.seen and not e.seen_print) or (e.again and not e.again_print) then
    return redis.error_reply('ERR event_anon: its arguments are not what it expects')
end

local row = call('HMGET', KEYS[3], 'last_seen', 'contact_id', 'activities', 'kept', 'dropped',
    'device', 'browser', 'utm')
local over = row[1] and session_is_over(row[1], now, keep_s)
if row[2] and not over then
    local c = string.sub(row[2], 9, 21)
    if call('EXISTS', 'crm_contact_' .. T .. c) == 1 then return {2, row[2]} end
    over = true -- the contact was erased, and what it was with it
end
local is_new = over or not row[1]

if e.again then
    local before = seen_read(call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
local answer = {'-', '0', activity, '-', '-', '-', 'session:' .. sid}
local reply = table.concat(answer, ' ')

-- All writes, from here on; nothing below can fail -----------------------------------------------

if e.seen then
    local before = seen_claim(e.seen, now, e.seen_print, reply)
    if before ~= nil then return seen_repeat(before) end
end
if e.again then seen_claim(e.again, now, e.again_print, reply) end

local set = {'last_seen', now}
local function put(field, value) set[#set + 1], set[#set + 2] = field, value end
if over then
    call('DEL', KEYS[3], KEYS[4])
    row = {}
end
if is_new then
    put('id', ARGV[4])
    put('first_seen', now)
end
for i, name in ipairs({'device', 'browser', 'utm'}) do
    if e[name] and not row[5 + i] then put(name, e[name]) end
end
local kept = tonumber(row[4] or 0) + 1
call('ZADD', KEYS[4], at, ARGV[8])
if kept > LOG_MAX then
    call('ZREMRANGEBYRANK', KEYS[4], 0, 0)
    kept = LOG_MAX
    put('dropped', tonumber(row[5] or 0) + 1)
end
put('activities', tonumber(row[3] or 0) + 1)
put('kept', kept)
call('HSET', KEYS[3], unpack(set))
call('EXPIRE', KEYS[3], keep_s)
call('EXPIRE', KEYS[4], keep_s)

day_count(KEYS[2], ARGV[9] .. ':' .. event, '1')
if is_new then day_count(KEYS[2], 'sessions', '1') end
call('XADD', KEYS[1], 'MAXLEN', '~', '100000', '*', 's', sid, 't', event, 'a', activity)

return {0, '', '0', activity, '', '', '', 'session:' .. sid}
