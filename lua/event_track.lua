#!lua
-- event_track: an event of a customer: contact, timeline, status, booking, task, counters.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  counters of the day       KEYS[3…]  identity indexes,
--                                                                    strongest first
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  received ms
-- ARGV[4]  occurred ms           ARGV[5]  <c> of a contact to be    ARGV[6]  its number
-- ARGV[7]  event type            ARGV[8]  activity id               ARGV[9]  timeline member, JSON
-- ARGV[10] hour of the day, 2 digits                                ARGV[11] number of fields, F
-- ARGV[12…] for each identity: its word, its canonical text
-- then F pairs of field and value: they become the contact's, unless a newer event has set them
-- then pairs of name and value, in any order:
--   "+<field>"  value is added to it
--   "~<field>"  becomes value, "#<field>" adds 1: only while the contact has fewer than 96 fields
--   seen, seen_print           key of the caller's event id; its fingerprint
--   again, again_print         key of the Idempotency-Key; its fingerprint
--   status                     lead status that the event leads to
--   booking, booking_id        the event's part in a booking; id absent when not named
--   session, session_keep      the session it belongs to, as in keys; seconds that it lives on:
--                              what was done in it while it was nobody's becomes the contact's
--   known                      without an identity: whose session it is ("contact_<c> …")
--   task, task_kind, task_title, task_note, task_priority, task_queue, task_rank, task_due
--   closes                     the event ends the open task of its booking
--   revenue                    minor units of a completed booking: it recovers the contact's leads
--   deal                       one of the fields is the contact's deal value
--   counted, counted_in        "vehicle:<name>" and the day's key where it is counted
--   moves_<identity>, moves_<identity>_key     new e-mail or phone of the contact, its index key
--   search_first, search_last         folded names, for the search
--   merge_1, merge_2                  ids for merges that the identities may make necessary
-- Returns  {replayed 0|1, contact id, created 0|1, activity id, status, score, task id or "", …}:
--          then "merged:<contact id>:<merge id>" for each contact that turned out to be this one,
--          "apart:<identity>:<contact id>:<reason>" for each that an identity names, but is not
-- Errors   MISMATCH, NOTFOUND (the known contact is gone), NUMBER (the contact to be made exists:
--          its number comes from another database)
--
-- Most events are plain: the way to "plain" below is kept short, and what only some events need is
-- included where they need it, for each function costs its making in every call (KEYS.md, "Costs").
-- @include lib/seen.lua
-- @include lib/identity.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua

local T, t, now, at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local at_ms = tonumber(at)
local event, activity, member = ARGV[7], ARGV[8], ARGV[9]
local call = redis.call

-- Arguments -------------------------------------------------------------------------------------

local names, values, keys = {}, {}, {}
local arg = 12
for i = 3, #KEYS do
    keys[i - 2], names[i - 2], values[i - 2] = KEYS[i], ARGV[arg], ARGV[arg + 1]
    arg = arg + 2
end
local given_from, given_to = arg, arg + 2 * tonumber(ARGV[11]) - 1
local function is_number(text)
    local number = tonumber(text)
    return number and number == number and math.abs(number) < 1e16
end
if not is_number(now) or not is_number(at) or #KEYS < 2 or given_to > #ARGV then
    return redis.error_reply('ERR event_track: its fixed arguments are not what it expects')
end
local e, added, capped, counted = {}, nil, nil, nil
for i = given_to + 1, #ARGV, 2 do
    local name, value = ARGV[i], ARGV[i + 1]
    local op = string.byte(name)
    if op == 43 then
        if not is_number(value) then return redis.error_reply('ERR event_track: ' .. name) end
        added = added or {}
        added[#added + 1] = {string.sub(name, 2), value}
        e.adds_revenue = e.adds_revenue or name == '+total_revenue_cents'
    elseif op == 126 then
        capped = capped or {}
        capped[#capped + 1], capped[#capped + 2] = string.sub(name, 2), value
    elseif op == 35 then
        counted = string.sub(name, 2)
    else
        e[name] = value
    end
end

if (e.task and not (e.task_kind and e.task_title and e.task_note and e.task_priority
        and e.task_queue and is_number(e.task_rank) and is_number(e.task_due)))
    or (e.revenue and not (is_number(e.revenue) and e.adds_revenue and e.booking))
    or (e.counted and not e.counted_in)
    or (e.session_keep and not (e.session and is_number(e.session_keep)))
    or (#keys == 0) ~= (e.known ~= nil) or (e.known and not e.session_keep)
    or (#keys > 1 and not e.merge_1) or (#keys > 2 and not e.merge_2)
    or (e.seen and not e.seen_print) or (e.again and not e.again_print) then
    return redis.error_reply('ERR event_track: a name is without those that go with it')
end

-- Has this been answered before? ----------------------------------------------------------------

if e.again then
    local before = seen_read(call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end

-- Who is it? ------------------------------------------------------------------------------------

local wanted = {'v', 'activities', 'recent', 'last_activity', 'lead_status', 'lead_score',
    'lead_source', 'merges', unpack(names)}
if e.status then wanted[#wanted + 1] = 'status_at' end
if e.task or e.closes then wanted[#wanted + 1] = 'open_tasks' end
if e.booking then wanted[#wanted + 1] = 'booking' end
if e.moves_email then wanted[#wanted + 1] = 'email' end
if e.moves_phone then wanted[#wanted + 1] = 'phone' end
if counted then wanted[#wanted + 1] = counted end
if e.search_first then wanted[#wanted + 1] = 'search_first' end
if e.search_last then wanted[#wanted + 1] = 'search_last' end
if added then
    for _, pair in ipairs(added) do wanted[#wanted + 1] = pair[1] end
end

local function read(c)
    local row = call('HMGET', 'crm_contact_' .. T .. c, unpack(wanted))
    if not row[1] then return nil end
    local contact = {}
    for i = 1, #wanted do contact[wanted[i]] = row[i] end
    return contact
end

local plan
if e.known then
    local c = string.sub(e.known, 9, 21)
    plan = {c = c, contact = read(c), path = e.known}
    if not plan.contact then return redis.error_reply('NOTFOUND the known contact is gone') end
else
    plan = identity_resolve(T, names, values, keys, read)
end
local created = plan.c == nil
local person = plan.c or ARGV[5]
local path = plan.path or 'contact_' .. person
if created and call('EXISTS', 'crm_contact_' .. T .. person) == 1 then
    return redis.error_reply('NUMBER the contact number is taken')
end

local notes, sides, keep_side, close_for_side, shown_by_side, is_open, given_up
if plan.apart or plan.merge or (plan.contact and plan.contact.merges) then
-- @include lib/sides.lua
-- @include lib/merge.lua
-- @include lib/settle.lua
    local before = plan.merge and e.seen and seen_read(call('GET', e.seen), now, e.seen_print)
    if before then return seen_repeat(before) end
    notes, sides = identity_settle(T, t, plan, person, path, names, keys, {e.merge_1, e.merge_2},
        now, KEYS[1], KEYS[2], read)
    keep_side, close_for_side, shown_by_side = side_keep, side_closes, side_shows
end

local visits
if e.session_keep and not e.known then
-- @include lib/session.lua
    visits = session_open(T, e.session, now, e.session_keep)
end

-- The event happens to the contact, and to its sides if it has been merged (lib/sides.lua): the
-- same to each, but what is the workspace's own happens once.
local answer
for turn = 0, sides and #sides or 0 do
    local side = turn > 0 and sides[turn]
    local c = side or person
    local contact = side and read(side) or plan.contact or {}
    local contact_key = 'crm_contact_' .. T .. c
    local newest = at_ms >= tonumber(contact.last_activity or 0)
    local set, n = {}, 0 -- what HSET gets
    local function put(field, value)
        set[n + 1], set[n + 2] = field, value
        n = n + 2
    end

    -- What does it change? ----------------------------------------------------------------------

    local status, wants, counts = contact.lead_status or nil, e.status, true
    local task, entry = e.task, member
    local record, record_name, renamed, closed

    if e.booking then
-- @include lib/booking.lua
-- @include lib/task.lua
        is_open = task_is_open
        local current_name = contact.booking or nil
        local rows = call('HMGET', 'crm_booking_' .. T .. c, e.booking_id or '-',
            current_name or '-')
        local current = rows[2] and cjson.decode(rows[2]) or nil
        local named = rows[1] and cjson.decode(rows[1]) or nil
        local found, opened
        record_name, found, renamed = booking_find(e.booking_id, named, current_name, current)
        local is_current = record_name == current_name or renamed or not current
        record, counts, opened = booking_apply(found, e.booking, at_ms, e.session or '',
            e.booking_id ~= nil and named ~= nil)
        if opened then
            record_name, renamed = e.booking_id or '-', false
            is_current = not current or at_ms >= current.at
        end
        if record and is_current and record_name ~= current_name then
            put('booking', record_name)
        end
        if counts and not is_current and at_ms < tonumber(contact.status_at or 0) then
            wants = nil -- an older booking's news do not undo a newer one's
        end
        if record and record.task then
            if e.closes and counts then
                if task_is_open(T, record.task, side) then closed = record.task end
                record.task = nil
            elseif not e.closes and task and task_is_open(T, record.task, side) then
                task = nil -- one open task for one booking
            end
        end
        if e.booking ~= 'completed' and not counts then task = nil end
    elseif wants and at_ms < tonumber(contact.status_at or 0) then
        wants = nil
    end

    local from = status
    if wants and counts and wants ~= status and not (wants == 'new_lead' and status) then
        status = wants
    elseif created then
        status = 'new_lead'
    end
    if status ~= from then
        entry = string.sub(entry, 1, -2) .. ',"f":"' .. (from or '') .. '","g":"' .. status .. '"}'
    end

    -- A changed e-mail or phone moves its index, if the new one is free.
    local moves
    if (e.moves_email or e.moves_phone) and newest then
        moves = {}
        for _, name in ipairs({'email', 'phone'}) do
            local value, key = e['moves_' .. name], e['moves_' .. name .. '_key']
            if value and contact[name] and contact[name] ~= value then
                local owner = call('GET', key)
                if not owner or string.sub(owner, 9, 21) == person then
                    moves[#moves + 1] = {name, contact[name], key, value}
                end
            end
        end
    end

    if not side then
        answer = {'contact_' .. c, created and '1' or '0', activity, status,
            contact.lead_score or '50', task or '-', unpack(notes or {})}
        local reply = (e.seen or e.again) and table.concat(answer, ' ')

        -- All writes, from here on; nothing below can fail ---------------------------------------

        if e.seen then
            local before = seen_claim(e.seen, now, e.seen_print, reply)
            if before ~= nil then return seen_repeat(before) end
        end
        if e.again then seen_claim(e.again, now, e.again_print, reply) end
    end

    local latest = newest and at
    if visits or e.known then
-- @include lib/session_write.lua
        if visits then
            local last = session_attach(T, c, contact, visits)
            if tonumber(last) > tonumber(latest or contact.last_activity) then latest = last end
        end
        if not side and visits then
            session_link(T, e.session, c, path, sides, now, e.session_keep)
        elseif not side then
            session_keep(T, e.session, now, e.session_keep)
        end
    end

    -- The fields that every event reads come first: a listpack is searched from its head.
    contact_append(T, c, contact, put, at, now, entry)
    if latest then put('last_activity', latest) end
    if status ~= from then
        put('lead_status', status)
        put('status_at', at)
        if side then put('listed_at', now) end
    elseif wants and counts and at_ms > tonumber(contact.status_at or 0) then
        put('status_at', at)
    end
    if created then
        contact_begin(put, c, ARGV[6], 'Website', now)
    elseif contact.lead_source ~= 'Website' then
        local sources = call('HGET', contact_key, 'sources') or contact.lead_source
        if not string.find('|' .. sources .. '|', '|Website|', 1, true) then
            put('sources', sources .. '|Website')
        end
    end
    for i = 1, #names do
        -- A contact's first e-mail, phone, customer id; further ones are only indexed.
        if not contact[names[i]] then put(names[i], values[i]) end
    end
    if newest then
        for i = given_from, given_to do
            n = n + 1
            set[n] = ARGV[i]
        end
    elseif given_to > given_from then
        local fields = {}
        for i = given_from, given_to, 2 do fields[#fields + 1] = ARGV[i] end
        local have = call('HMGET', contact_key, unpack(fields))
        for i = 1, #fields do
            if not have[i] then put(fields[i], ARGV[given_from + 2 * i - 1]) end
        end
    end
    local renames = false
    local function rename(name, folded)
        if folded and folded ~= contact[name] and (newest or not contact[name]) then
            put(name, folded)
            renames = true
        end
    end
    rename('search_first', e.search_first)
    rename('search_last', e.search_last)
    local totals
    if added then
        totals = {}
        for _, pair in ipairs(added) do
            local total = tonumber(contact[pair[1]] or 0) + tonumber(pair[2])
            totals[pair[1]] = string.format('%.0f', total)
            put(pair[1], totals[pair[1]])
        end
    end
    local counts_new = counted and not contact[counted]
    if counted and not counts_new then put(counted, tonumber(contact[counted]) + 1) end
    if (capped or counts_new) and (created or call('HLEN', contact_key) < 96) then
        if counts_new then put(counted, '1') end
        for i = 1, capped and #capped or 0, 2 do
            -- What is late only fills a gap.
            if newest or call('HEXISTS', contact_key, capped[i]) == 0 then
                put(capped[i], capped[i + 1])
            end
        end
    end
    local open = (task and 1 or 0) - (closed and 1 or 0)
    if open ~= 0 then put('open_tasks', tonumber(contact.open_tasks or 0) + open) end

    if not side and (plan.index or plan.apart) then
        identity_write(T, t, names, keys, plan, c, path, sides, now)
    end
    if moves then
        for _, move in ipairs(moves) do
            local name, old, key, value = move[1], move[2], move[3], move[4]
            local prefix = 'crm_contact_' .. name .. '_' .. T
            put(name, value)
            call('SADD', 'crm_contact_alias_' .. T .. c,
                name .. ':' .. string.sub(key, #prefix + 1))
            if not side then
                call('SET', key, path)
                given_up = given_up or {}
                given_up[#given_up + 1] = {name, old, prefix .. old}
            end
        end
    end
    if not side and (renames or plan.index or plan.apart or moves) then
        local found_by = search_read(T, c)
        call('HSET', contact_key, unpack(set))
        search_update(t, c, found_by, search_read(T, c))
    else
        call('HSET', contact_key, unpack(set))
    end

    if record then
        local bookings = 'crm_booking_' .. T .. c
        if renamed then call('HDEL', bookings, '-') end
        if task and not e.closes then record.task = task end
        if call('HSET', bookings, record_name, cjson.encode(record)) == 1 then
-- @include lib/booking_prune.lua
            booking_prune(bookings, record_name)
        end
        call('EXPIRE', bookings, '7776000') -- 90 days
    end
    local recovers = e.revenue and call('EXISTS', 'crm_contact_lead_' .. T .. c) == 1
    if closed or task or recovers then
-- @include lib/task_write.lua
        local facts = task and {kind = e.task_kind, title = e.task_title, note = e.task_note,
            priority = e.task_priority, queue = e.task_queue, rank = e.task_rank,
            due = e.task_due, booking = e.booking_id or ''}
        if side then
            if closed then close_for_side(T, side, closed, now) end
            if task then task_of_side(T, task, side, now, facts) end
        else
            if closed then task_cancel(T, t, closed, now, 'resolved') end
            if task then task_make(T, t, task, c, now, facts) end
        end
        if recovers then
-- @include lib/lead.lua
-- @include lib/alert.lua
-- @include lib/recover.lua
            local tasks = {is_open = is_open, cancel = task_cancel, closes = close_for_side}
            if side then
                side_recovers(T, side, e.revenue, now, tasks)
            else
                person_recovers(T, t, c, e.revenue, now, KEYS[1], KEYS[2], tasks)
            end
        end
    end

    if side then
        keep_side(T, side)
    else
        local day = KEYS[2]
        day_count(day, ARGV[10] .. ':' .. event, '1')
        if created or status ~= from then
            contact_listed(T, t, c, created, from or false, status, now, day)
        end
        if created or e.deal or contact_hour(latest or contact.last_activity)
            ~= contact_hour(contact.last_activity or 0) then
            contact_ranked(T, t, c)
        end
        if e.revenue then
            day_count(day, 'bookings', '1')
            day_count(day, 'revenue_cents', e.revenue)
            if totals.total_revenue_cents ~= '0' then
                call('ZADD', 'crm_revenue' .. t, totals.total_revenue_cents, c)
            end
        end
        if e.counted then
            if call('ZINCRBY', e.counted_in, 1, e.counted) == '1' then
                call('EXPIRE', e.counted_in, COUNTERS_KEEP_S)
                if call('ZCARD', e.counted_in) > 5000 then
                    call('ZREMRANGEBYRANK', e.counted_in, 0, 0)
                end
            end
        end
        if created or task or closed then
            call('XADD', KEYS[1], 'MAXLEN', '~', '100000', '*', 'c', c, 't', event, 'a', activity,
                'n', created and '1' or '0', 'k', task or '', 'x', closed or '')
        else
            call('XADD', KEYS[1], 'MAXLEN', '~', '100000', '*', 'c', c, 't', event, 'a', activity)
        end
    end
end

-- An e-mail or phone that was given up is free for others, unless a side still has it.
for _, item in ipairs(given_up or {}) do
    local name, value, key = item[1], item[2], item[3]
    local owner = call('GET', key)
    if owner and string.sub(owner, 9, 21) == person
        and not (sides and shown_by_side(T, plan.contact.merges, name, value)) then
        call('DEL', key)
    end
end

if answer[6] == '-' then answer[6] = '' end
return {0, unpack(answer)}
