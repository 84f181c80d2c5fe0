#!lua flags=no-writes
-- fsck_check: proves one record, or one page of a list, against everything that refers to it.
-- @keys 1
-- KEYS[1]  the key to be checked
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>
-- ARGV[3]  contact, side, merged, index, task, lead, number (of a lead), session,
--          part (of a contact), slots (of a day), entry (of a waitlist), alert, student (of a
--          lead), entered (segments of a contact), list, leads (a list of them), members (of a
--          segment), or line (of a waitlist)
-- ARGV[4]  contact, side, merged, part, entered: <c>; index: its kind; task, lead, number, session,
--          alert, student: its id; slots: the day; entry, line, members: what its key ends with;
--          list, leads: its name
-- ARGV[5…] list, leads, line, members: members of the page
-- Returns  {number, fault, …}: a contact's revenue in minor units, otherwise 0; sentences
-- @include lib/resolve.lua
-- @include lib/search.lua
-- @include lib/day.lua
-- @include lib/lead.lua

local T, t, kind, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local faults = {}
local function fault(...) faults[#faults + 1] = table.concat({...}) end
local function field(key, ...) return redis.call('HGET', key, ...) end
local function contact_key(c) return 'crm_contact_' .. T .. c end
local function exists(key) return redis.call('EXISTS', key) == 1 end
local number = 0
local TASKS_LISTED = 200 -- a contact lists no more than its newest

local function is_open(task)
    local status = field('crm_task_' .. T .. task, 'status')
    return status == 'open' or status == 'claimed'
end

-- An own identity is indexed: to this contact, or, when shared, to another one.
local function check_identity(c, word, value)
    local key = 'crm_contact_' .. word .. '_' .. T .. value
    local owner = redis.call('GET', key)
    if owner and string.sub(owner, 9, 21) == c then return end
    local shared = 'crm_contact_shared_' .. T .. word .. ':' .. value
    if owner and redis.call('SISMEMBER', shared, c) == 1 then return end
    fault('its ', word, ' is not indexed: ', key)
end

local function contact_read()
    local rows = redis.call('HGETALL', KEYS[1])
    local contact = {}
    for i = 1, #rows, 2 do contact[rows[i]] = rows[i + 1] end
    return contact
end

local function check_timeline(c, contact)
    local recent = redis.call('ZCARD', 'crm_activity_' .. T .. c)
    local old = redis.call('LLEN', 'crm_activity_old_' .. T .. c)
    if recent ~= tonumber(contact.recent or 0) then
        fault('its timeline has ', recent, ' entries')
    end
    if recent + old + tonumber(contact.dropped or 0) ~= tonumber(contact.activities or 0) then
        fault('its activities count ', contact.activities or '0', ', there are ', recent + old)
    end
end

-- What a contact is on one side of a merge (lib/sides.lua).
local function check_side(side)
    local record = 'crm_merge_' .. T .. string.sub(side, 15)
    if not exists(record) then fault('its merge ', record, ' is gone') end
    if redis.call('TTL', KEYS[1]) == -1 then fault('it never expires') end
    check_timeline(side, contact_read())
end

local function check_merged(c)
    if exists(contact_key(c)) then fault(contact_key(c), ' is there, and merged away') end
    if not contact_resolve(T, c) then fault('its contact is gone') end
end

local function check_contact(c)
    local contact = contact_read()
    if contact.id ~= 'contact_' .. c then fault('its id is ', contact.id or 'missing') end
    for _, word in ipairs({'email', 'phone'}) do
        if contact[word] then check_identity(c, word, contact[word]) end
    end
    local status = contact.lead_status or ''
    if not redis.call('ZSCORE', 'crm_status_' .. T .. status, c) then
        fault('not in the list of its lead status ', status)
    end
    if redis.call('ZSCORE', 'crm_created' .. t, c) ~= contact.created_at then
        fault('not in crm_created at its time')
    end
    number = tonumber(contact.total_revenue_cents or 0)
    local listed = tonumber(redis.call('ZSCORE', 'crm_revenue' .. t, c) or 0)
    if listed ~= number then fault('crm_revenue has ', tostring(listed)) end

    local rank = priority(contact.lead_score or 0, contact.estimated_deal_value_cents,
        contact_hour(contact.last_activity or 0) * 3600000)
    if tonumber(redis.call('ZSCORE', 'crm_priority' .. t, c)) ~= tonumber(rank) then
        fault('not in crm_priority at its place')
    end

    for _, word in ipairs(search_words(search_read(T, c))) do
        if not redis.call('ZSCORE', 'crm_search' .. t, word .. ':' .. c) then
            fault('not in crm_search by ', word)
        end
    end

    check_timeline(c, contact)
    local open = 0
    local tasks = redis.call('ZRANGE', 'crm_contact_task_' .. T .. c, 0, TASKS_LISTED - 1)
    for _, task in ipairs(tasks) do
        if is_open(task) then open = open + 1 end
    end
    if #tasks < TASKS_LISTED and open ~= tonumber(contact.open_tasks or 0) then
        fault('its open_tasks are ', contact.open_tasks or '0', ', there are ', open)
    end
end

local function check_index(word)
    local id = redis.call('GET', KEYS[1])
    local c = string.sub(id, 9, 21)
    local value = string.sub(KEYS[1], #('crm_contact_' .. word .. '_' .. T) + 1)
    if not exists(contact_key(c)) then
        fault('points to ', id, ', which is gone')
    elseif redis.call('SISMEMBER', 'crm_contact_alias_' .. T .. c, word .. ':' .. value) == 0 then
        fault('points to ', id, ', whose crm_contact_alias does not know it')
    end
end

local function check_task(id)
    local row = redis.call('HMGET', KEYS[1], 'contact_id', 'status', 'due', 'priority')
    local c = string.sub(row[1] or '', 9)
    local due = redis.call('ZSCORE', 'crm_task_due' .. t, id)
    local order = redis.call('ZSCORE', 'crm_task_open' .. t, id)
    if row[2] == 'held' then return end -- of a side; it goes with it
    if not exists(contact_key(c)) then fault('its contact ', row[1] or '', ' is gone') end
    local mine = 'crm_contact_task_' .. T .. c
    if not redis.call('ZSCORE', mine, id) and redis.call('ZCARD', mine) < TASKS_LISTED then
        fault('its contact does not list it')
    end
    if row[2] == 'open' or row[2] == 'claimed' then
        if due ~= row[3] then fault('open, and not in crm_task_due at its time') end
        if not order or tonumber(order) % 1e13 ~= tonumber(row[3]) then
            fault('open, and not in crm_task_open at its place')
        end
    else
        if due then fault('closed, and still in crm_task_due') end
        if order then fault('closed, and still in crm_task_open') end
    end
end

local function check_lead(id)
    local lead = lead_read(T, id) or {}
    if lead.id ~= id then return fault('its id is ', lead.id or 'missing') end
    if redis.call('GET', 'crm_lead_no_' .. T .. (lead.no or '')) ~= id then
        fault('its number ', lead.no or '', ' does not point to it')
    end
    if lead.score ~= lead_score(lead) then fault('its score is ', lead.score or 'missing') end
    for key, score in pairs(lead_lists(T, t, lead)) do
        local there = redis.call('ZSCORE', key, id)
        if tonumber(there) ~= tonumber(score) then fault('not in ', key, ' at its place') end
    end
    if lead.contact_id then
        local c = string.sub(lead.contact_id, 9)
        if not exists(contact_key(c)) then
            fault('its contact ', lead.contact_id, ' is gone')
        elseif not redis.call('ZSCORE', 'crm_contact_lead_' .. T .. c, id) then
            fault('its contact does not list it')
        end
    end
end

local function check_leads()
    for i = 5, #ARGV do
        local lead = lead_read(T, ARGV[i])
        if not lead then
            fault('lists crm_lead_', T, ARGV[i], ', which is gone')
        elseif not lead_lists(T, t, lead)[KEYS[1]] then
            fault('lists crm_lead_', T, ARGV[i], ', which is not of it')
        end
    end
end

local function check_alert(id)
    local row = redis.call('HMGET', KEYS[1], 'due', 'acked_at', 'lead_id')
    local due = redis.call('ZSCORE', 'crm_alert_open' .. t, id)
    if row[2] then
        if due then fault('acknowledged, and still in crm_alert_open') end
        return
    end
    if due ~= row[1] then fault('not in crm_alert_open at its time') end
    if row[3] ~= '' and not exists('crm_lead_' .. T .. (row[3] or '')) then
        fault('its lead ', row[3] or '', ' is gone')
    end
end

local function check_student(student)
    local id = redis.call('GET', KEYS[1])
    if field('crm_lead_' .. T .. id, 'student_id') ~= student then
        fault('points to crm_lead_', T, id, ', which is another student or gone')
    end
end

-- A session is a contact's, who knows it, or has what waits for one.
local function check_session(sid)
    local row = redis.call('HMGET', KEYS[1], 'contact_id', 'kept')
    local waiting = redis.call('ZCARD', 'crm_sessionlog_' .. T .. sid)
    if not row[1] then
        if waiting ~= tonumber(row[2] or 0) then fault('its log has ', waiting, ' entries') end
        return
    end
    local c = string.sub(row[1], 9, 21)
    if not exists(contact_key(c)) then
        fault('its contact ', contact_key(c), ' is gone')
    elseif redis.call('SISMEMBER', 'crm_contact_alias_' .. T .. c, 'session:' .. sid) == 0 then
        fault('its contact ', contact_key(c), ' does not know it')
    end
    if waiting > 0 then fault('a contact has it, and it still has a log') end
end

local function day_score(date) return (string.gsub(date, '-', '')) end

local function check_slots(date)
    if redis.call('ZSCORE', 'crm_slot_day' .. t, date) ~= day_score(date) then
        fault('not in crm_slot_day by its number')
    end
    local slots = redis.call('HGETALL', KEYS[1])
    for i = 1, #slots, 2 do
        local slot = cjson.decode(slots[i + 1])
        if slot.booked > slot.capacity then fault('more is booked than there is of ', slots[i]) end
    end
end

-- An entry of a waitlist: <date>:<time>:<lead>.
local function check_entry(entry)
    local slot, lead = string.sub(entry, 1, -38), string.sub(entry, -36)
    local status = field(KEYS[1], 'status')
    if status ~= 'waiting' then return end
    if not exists('crm_lead_' .. T .. lead) then fault('its lead is gone') end
    if not redis.call('ZSCORE', 'crm_waitlist_' .. T .. slot, lead) then fault('not in line') end
    if redis.call('ZSCORE', 'crm_waitlist_waiting' .. t, entry)
        ~= day_score(string.sub(entry, 1, 10)) then
        fault('not in crm_waitlist_waiting by its day')
    end
end

local function check_waiting(entry)
    if field('crm_waitlist_entry_' .. T .. entry, 'status') ~= 'waiting' then
        fault('lists ', entry, ', which does not wait')
    end
end

-- segment: "<id>:<n>"; its definition may be gone.
local function segment_exists(segment)
    local id, n = string.match(segment, '^([^:]*):(%d+)$')
    local stored = id and field('crm_segment' .. t, id)
    return stored and cjson.decode(stored).n == n
end

local function check_members(segment)
    if not segment_exists(segment) then fault('its segment is gone') end
    for i = 5, #ARGV do
        local c = ARGV[i]
        if not exists(contact_key(c)) then
            fault('lists ', contact_key(c), ', which is gone')
        elseif not redis.call('ZSCORE', 'crm_contact_segment_' .. T .. c, segment) then
            fault('lists ', contact_key(c), ', which does not know it')
        end
    end
end

local function check_entered(c)
    if not exists(contact_key(c)) then fault('its contact ', contact_key(c), ' is gone') end
    if string.find(c, '~', 1, true) then return end
    local rows = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
    for i = 1, #rows, 2 do
        local members = 'crm_segment_member_' .. T .. rows[i]
        if segment_exists(rows[i]) and redis.call('ZSCORE', members, c) ~= rows[i + 1] then
            fault('not in ', members, ' at its time')
        end
    end
end

local function check_list(list)
    for i = 5, #ARGV do
        local member = ARGV[i]
        if list == 'due' or list == 'open' then
            if not is_open(member) then
                fault('lists crm_task_', T, member, ', which is not open')
            end
        elseif list == 'closed' then
            if is_open(member) then fault('lists crm_task_', T, member, ', which is open') end
        elseif list == 'alert' then
            local key = 'crm_alert_' .. T .. member
            if not exists(key) or field(key, 'acked_at') then
                fault('lists ', key, ', which is not open')
            end
        elseif list == 'day' then
            if not exists('crm_slot_' .. T .. member) then
                fault('lists crm_slot_', T, member, ', which is gone')
            end
        elseif list == 'waiting' then
            check_waiting(member)
        elseif list == 'search' then
            local words = search_words(search_read(T, string.sub(member, -13)))
            if not words[string.sub(member, 1, -15)] then
                fault('lists ', member, ', which is no word of the contact')
            end
        elseif not exists(contact_key(member)) then
            fault('lists ', contact_key(member), ', which is gone')
        elseif list ~= 'created' and list ~= 'revenue' and list ~= 'priority'
            and field(contact_key(member), 'lead_status') ~= list then
            fault('lists ', contact_key(member), ', which has another lead status')
        end
    end
end

if kind == 'contact' then
    check_contact(name)
elseif kind == 'side' then
    check_side(name)
elseif kind == 'merged' then
    check_merged(name)
elseif kind == 'index' then
    check_index(name)
elseif kind == 'lead' then
    check_lead(name)
elseif kind == 'number' then
    local id = redis.call('GET', KEYS[1])
    if redis.call('HGET', 'crm_lead_' .. T .. id, 'no') ~= name then
        fault('points to crm_lead_', T, id, ', which has another number or is gone')
    end
elseif kind == 'leads' then
    check_leads()
elseif kind == 'task' then
    check_task(name)
elseif kind == 'alert' then
    check_alert(name)
elseif kind == 'student' then
    check_student(name)
elseif kind == 'session' then
    check_session(name)
elseif kind == 'slots' then
    check_slots(name)
elseif kind == 'entry' then
    check_entry(name)
elseif kind == 'entered' then
    check_entered(name)
elseif kind == 'members' then
    check_members(name)
elseif kind == 'line' then
    for i = 5, #ARGV do check_waiting(name .. ':' .. ARGV[i]) end
elseif kind == 'part' then
    if not exists(contact_key(name)) then fault('its contact ', contact_key(name), ' is gone') end
else
    check_list(name)
end
return {number, unpack(faults)}
