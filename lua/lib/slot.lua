-- lib/slot.lua: slots, as they are kept and as they are read. A slot is a field of its day's hash,
-- by its time as it was fed: JSON {"capacity","booked","end","at","offered","held_to","key"}.
-- held_to: no hold of it lasts longer; key: its time as a part of keys, where that differs.

local SLOT_STRETCH, SLOT_ROWS_NEAR = 7, 400

-- nil when there is no such slot.
local function slot_read(day, time)
    local text = redis.call('HGET', day, time)
    return text and cjson.decode(text)
end

-- How many of its places are held now.
local function slot_held(holds, slot, now)
    if (slot.held_to or 0) <= tonumber(now) then return 0 end
    return redis.call('ZCOUNT', holds, '(' .. now, '+inf')
end

-- Appends date, time, end, capacity, booked, held of each slot of a day, in no order.
local function slot_rows(T, date, now, rows)
    local found = redis.call('HGETALL', 'crm_slot_' .. T .. date)
    for i = 1, #found, 2 do
        local time, slot = found[i], cjson.decode(found[i + 1])
        local holds = 'crm_slot_hold_' .. T .. date .. '.' .. (slot.key or time)
        local row = {date, time, slot['end'] or '', tostring(slot.capacity),
            tostring(slot.booked), tostring(slot_held(holds, slot, now))}
        for _, value in ipairs(row) do rows[#rows + 1] = value end
    end
end

-- The rows of the days around one day, yyyymmdd, that have slots: the nearest, 7 before it, but
-- none before today, and 8 from it on; whole days, until there are 400 slots. {} when none were
-- fed. (A day more than 7 away may be among them.)
local function slots_near(T, t, day, today, now)
    local days, rows = 'crm_slot_day' .. t, {}
    day = math.max(tonumber(day), tonumber(today))
    local near = redis.call('ZRANGE', days, day, '+inf', 'BYSCORE', 'LIMIT', 0, SLOT_STRETCH + 1)
    local before = redis.call('ZRANGE', days, '(' .. day, today, 'BYSCORE', 'REV', 'LIMIT', 0,
        SLOT_STRETCH)
    for _, date in ipairs(before) do near[#near + 1] = date end
    for _, date in ipairs(near) do
        if #rows < 6 * SLOT_ROWS_NEAR then slot_rows(T, date, now, rows) end
    end
    return rows
end
