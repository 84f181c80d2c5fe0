-- lib/slot_settle.lua: who waits for a slot is told of a free place: the first in line, once, one
-- for each place. Needs lib/slot.lua.
--
-- slot.offered counts the free places that somebody was told of. A place that is taken is no longer
-- one of them, whoever took it; so when it is free again the next in line hears of it. Whatever
-- could not be told at once, for there is a limit to each call, is told at the next touch.

-- @include lib/resolve.lua
-- @include lib/sides.lua
-- @include lib/task_write.lua

local WAITLIST_KEEP_S = 90 * 86400 -- an entry whose lead was told
local WAITLIST_DUE_MS = 3600 * 1000

-- The task for the lead's contact, as it is now; of a contact that was merged, also for the side
-- that has the lead. (The open tasks of a side are counted when its merge is undone.)
local function waitlist_task(T, t, id, c, lead, date, time, now)
    local contact = 'crm_contact_' .. T .. c
    local task = {kind = 'waitlist_slot', title = 'A place is free: ' .. date .. ' ' .. time,
        note = 'Was the first in line: offer it before it is taken', priority = 'high', rank = 1,
        queue = 'sales', lead = lead,
        due = string.format('%.0f', tonumber(now) + WAITLIST_DUE_MS)}
    task_make(T, t, id, c, now, task)
    redis.call('HINCRBY', contact, 'open_tasks', 1)
    redis.call('HINCRBY', contact, 'v', 1)
    redis.call('HSET', contact, 'updated_at', now)
    local merges = redis.call('HGET', contact, 'merges')
    for _, side in ipairs(merges and sides_of_lead(T, merges, lead) or {}) do
        task_of_contact(T, id, side, task.due)
        side_keep(T, side)
    end
end

-- Does it still wait? Not when it was converted or lost, put aside or deleted meanwhile.
local WAITING = {tracking = true, pending = true, new = true, contacted = true}
local PASSED_OVER = 100 -- in one call: the rest at the next touch

-- Tells the first in line who still waits and can be reached. False when there is nobody.
local function waitlist_tell(T, t, place, now, id, feed)
    local slot = place.date .. ':' .. place.key
    local line, entries = 'crm_waitlist_' .. T .. slot, 'crm_waitlist_entry_' .. T .. slot .. ':'
    for _ = 1, PASSED_OVER do
        local lead = redis.call('ZRANGE', line, 0, 0)[1]
        if not lead then return false end
        local entry = entries .. lead
        redis.call('ZREM', line, lead)
        redis.call('ZREM', 'crm_waitlist_waiting' .. t, slot .. ':' .. lead)
        local contact_id, status, is_active = unpack(redis.call('HMGET', 'crm_lead_' .. T .. lead,
            'contact_id', 'status', 'is_active'))
        local c = contact_id and contact_resolve(T, string.sub(contact_id, 9))
        if c and WAITING[status] and is_active == '1' then
            waitlist_task(T, t, id, c, lead, place.date, place.time, now)
            redis.call('HSET', entry, 'status', 'notified', 'told_at', now, 'task_id', id)
            redis.call('EXPIRE', entry, WAITLIST_KEEP_S)
            local told = 'crm_waitlist_told' .. t
            redis.call('ZADD', told, now, slot .. ':' .. lead)
            redis.call('ZREMRANGEBYSCORE', told, '-inf',
                string.format('%.0f', tonumber(now) - WAITLIST_KEEP_S * 1000))
            redis.call('XADD', feed, 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'waitlist.notified',
                'l', lead, 'k', id)
            return true
        end
        redis.call('DEL', entry)
    end
    return false
end

-- The last thing that is done to a slot that has changed: tells, and writes it. place: {date, time,
-- key}; held: how many places are held now; ids: of the tasks to be, one is taken for each that is
-- told. Returns false when there were too few of them.
local function slot_settle(T, t, place, slot, held, now, ids, feed)
    local free = slot.capacity - slot.booked - held
    local offered = math.min(slot.offered or 0, free)
    local nobody_waits = false
    while offered < free and ids[1] and not nobody_waits do
        if waitlist_tell(T, t, place, now, ids[1], feed) then
            table.remove(ids, 1)
            offered = offered + 1
        else
            nobody_waits = true
        end
    end
    slot.offered = offered > 0 and offered or nil
    redis.call('HSET', 'crm_slot_' .. T .. place.date, place.time, cjson.encode(slot))
    local line = 'crm_waitlist_' .. T .. place.date .. ':' .. place.key
    return nobody_waits or offered >= free or redis.call('EXISTS', line) == 0
end

-- The words of an argument.
local function slot_ids(text)
    local ids = {}
    for id in string.gmatch(text, '%S+') do ids[#ids + 1] = id end
    return ids
end
