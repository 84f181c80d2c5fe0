-- lib/booking.lua: the life of a contact's bookings: started, abandoned, completed, in any order of
-- arrival (API.md, "Which booking?").
--
-- A record: {state, at (of its newest event), start, session, task}, times in ms as numbers.

-- Which record an event belongs to. id: the booking id it names, or nil; named: the record of that
-- id. current_name, current: the contact's newest booking ('-' is the one that has no id yet).
-- Returns the record's name and the record (nil: a new one), and true when '-' has to be renamed.
local function booking_find(id, named, current_name, current)
    if id == nil then return current_name or '-', current, false end
    if named then return id, named, false end
    if current and current_name == '-' then return id, current, true end
    return id, nil, false
end

-- What the event does. Returns the record to store (nil: leave as it is), whether the event counts
-- for status and task, and whether it opened a booking of its own (then the name is the event's id,
-- or '-', and nothing is renamed).
local function booking_apply(record, verb, at, session, same_id)
    local fresh = {state = verb, at = at, start = at, session = session}
    if verb == 'step' then
        if record and at > record.at then
            record.at = at
            return record, false, false
        end
        return nil, false, false
    end
    if record == nil then return fresh, true, true end

    if verb == 'completed' then
        if record.state ~= 'completed' and record.start > at and not same_id then
            return nil, false, false -- completes a booking before this one
        end
        fresh.start, fresh.task = record.start, record.task
        if record.state == 'completed' and record.at > at then fresh.at = record.at end
        return fresh, true, false
    end

    if record.state == 'completed' then
        -- Late, or the same visit leaving after its booking: said again, without effect.
        if at < record.at then return nil, false, false end
        if verb == 'abandoned' and (same_id or (session ~= '' and session == record.session)) then
            return nil, false, false
        end
        return fresh, true, true
    end

    if at < record.at then return nil, false, false end -- what came later is known already
    fresh.start, fresh.task = record.start, record.task
    return fresh, true, false
end
