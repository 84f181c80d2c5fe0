#!lua
-- waitlist_add: a lead waits for a slot, at the end of its line. Where a place is free already of
-- which nobody was told, the first in line is told at once.
-- @keys 4
-- KEYS[1]  slots of the day      KEYS[2]  the slot's holds          KEYS[3]  change stream
-- KEYS[4]  the lead's hash, or the string that a lead number points with
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  date                  ARGV[5]  time                      ARGV[6]  time, as in keys
-- ARGV[7]  ids of tasks to be    ARGV[8]  "id" or "no"              ARGV[9]  the day, yyyymmdd
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, made 0|1, lead id, contact id, status, position in line or 0}
-- Errors   NOTFOUND: no such lead; INVALID no_contact|closed: nobody waits with it; MISMATCH
-- @include lib/seen.lua
-- @include lib/slot.lua
-- @include lib/slot_settle.lua

local T, t, now = ARGV[1], ARGV[2], ARGV[3]
local place = {date = ARGV[4], time = ARGV[5], key = ARGV[6]}
local e = {}
for i = 10, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not tonumber(now) or not tonumber(ARGV[9]) or (e.again and not e.again_print) then
    return redis.error_reply('ERR waitlist_add: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end
local lead_key = KEYS[4]
if ARGV[8] == 'no' then lead_key = 'crm_lead_' .. T .. (redis.call('GET', lead_key) or '') end
local lead, contact_id, status, is_active = unpack(redis.call('HMGET', lead_key, 'id',
    'contact_id', 'status', 'is_active'))
if not lead then return redis.error_reply('NOTFOUND no such lead') end
if not contact_id then return redis.error_reply('INVALID no_contact') end
if not WAITING[status] or is_active ~= '1' then return redis.error_reply('INVALID closed') end

local name = place.date .. ':' .. place.key
local line, waiting = 'crm_waitlist_' .. T .. name, 'crm_waitlist_waiting' .. t
local entry = 'crm_waitlist_entry_' .. T .. name .. ':' .. lead
local made = not redis.call('ZSCORE', line, lead)
if made then
    -- Behind all others, also those of the same millisecond.
    local last = redis.call('ZRANGE', line, 0, 0, 'REV', 'WITHSCORES')[2]
    local turn = math.max(tonumber(now), tonumber(last or 0) + 1)
    redis.call('ZADD', line, string.format('%.0f', turn), lead)
    redis.call('ZADD', waiting, ARGV[9], name .. ':' .. lead)
    -- It may have been told before, and ask again.
    redis.call('ZREM', 'crm_waitlist_told' .. t, name .. ':' .. lead)
    redis.call('DEL', entry)
    redis.call('HSET', entry, 'lead_id', lead, 'date', place.date, 'time', place.time, 'status',
        'waiting', 'at', now)
    local waits = redis.call('HGET', lead_key, 'waits') or ''
    if not string.find(' ' .. waits .. ' ', ' ' .. name .. ' ', 1, true) then
        redis.call('HSET', lead_key, 'waits', waits == '' and name or waits .. ' ' .. name)
    end
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 'c', string.sub(contact_id, 9), 't',
        'waitlist.added', 'l', lead)
end
local slot = slot_read(KEYS[1], place.time)
if slot then
    slot_settle(T, t, place, slot, slot_held(KEYS[2], slot, now), now, slot_ids(ARGV[7]), KEYS[3])
end
local position = redis.call('ZRANK', line, lead)
local answer = {made and '1' or '0', lead, contact_id, redis.call('HGET', entry, 'status'),
    position and position + 1 or 0}
if e.again then seen_claim(e.again, now, e.again_print, table.concat(answer, ' ')) end
return {0, unpack(answer)}
