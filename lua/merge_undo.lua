#!lua
-- merge_undo: two contacts that were merged are two again: each as it would be without the merge.
-- @keys 3
-- KEYS[1]  change stream         KEYS[2]  list of merges            KEYS[3]  counters of the day
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  id of the merge
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, id of the merge, winner's contact id, loser's contact id}
-- Errors   NOTFOUND, UNDONE, LATER <id of the merge that has to be undone first>, MISMATCH
-- @include lib/seen.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/sides.lua
-- @include lib/merge.lua
-- @include lib/resolve.lua
-- @include lib/task_write.lua
-- @include lib/lead.lua
-- @include lib/alert.lua

local T, t, now, merge = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local e = {}
for i = 5, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR merge_undo: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end

local record_key = 'crm_merge_' .. T .. merge
local record = hash_read(record_key)
if not record.winner then return redis.error_reply('NOTFOUND no such merge') end
if record.undone_at then return redis.error_reply('UNDONE the merge was undone') end
local w, l = string.sub(record.winner, 9), string.sub(record.loser, 9)
local contact_key = 'crm_contact_' .. T
local holder = contact_resolve(T, w)
if not holder or redis.call('EXISTS', contact_key .. side_name(w, merge)) == 0 then
    return redis.error_reply('NOTFOUND the merge can no longer be undone')
end
local merges = redis.call('HGET', contact_key .. holder, 'merges') or ''
local newest = string.match(merges, '^[^:]+')
if newest ~= merge then return redis.error_reply('LATER ' .. newest) end

-- The records -----------------------------------------------------------------------------------

local merged = hash_read(contact_key .. w)
local merged_tasks = redis.call('ZRANGE', 'crm_contact_task_' .. T .. w, 0, -1)
local merged_segments = redis.call('ZRANGE', 'crm_contact_segment_' .. T .. w, 0, -1)
contact_unlisted(T, t, w, merged)
search_update(t, w, search_read(T, w), '')
redis.call('DEL', 'crm_contact_merged_' .. T .. l)
for _, part in ipairs(SIDE_PARTS) do
    local prefix = 'crm_' .. part .. T
    redis.call('DEL', prefix .. w)
    for _, c in ipairs({w, l}) do
        local side = prefix .. side_name(c, merge)
        if redis.call('EXISTS', side) == 1 then
            redis.call('RENAME', side, prefix .. c)
            if part ~= 'booking_' then redis.call('PERSIST', prefix .. c) end
        end
    end
end

-- What refers to them ---------------------------------------------------------------------------

local RANKS = {urgent = 0, high = 1, normal = 2, low = 3}

-- A task as this contact alone has it. Returns whether it is open.
local function task_restore(c, id)
    local key = 'crm_task_' .. T .. id
    local task = hash_read(key)
    if not task.status then return false end
    redis.call('HSET', key, 'contact_id', 'contact_' .. c)
    local closed = record['closed:' .. id]
    local resolved_since = task.status == 'cancelled'
        and tonumber(task.done_at) >= tonumber(record.at)
    if closed and task.status ~= 'done' and (task.status ~= 'cancelled' or resolved_since) then
        task_cancel(T, t, id, closed, 'resolved')
        return false
    elseif not closed and (task.status == 'held' or resolved_since) then
        redis.call('HSET', key, 'status', 'open')
        redis.call('HDEL', key, 'outcome', 'done_at')
        redis.call('PERSIST', key)
        redis.call('ZREM', 'crm_task_closed' .. t, id)
        task_list_open(t, id, RANKS[task.priority], task.due)
        return true
    end
    return task.status == 'open' or task.status == 'claimed'
end

-- A lead that a booking has recovered since the merge: as the bookings of this contact alone have
-- left it (lib/recover.lua). What a person made of it stays.
local function lead_restore(lead)
    if not lead.recovered_from or tonumber(lead.recovered_at) < tonumber(record.at) then return end
    local at, revenue = string.match(record['recovered:' .. lead.id] or '', '^(%d+) (%d*)$')
    local converted_at = at or record['converted:' .. lead.id]
    local alert = 'crm_alert_' .. T .. (lead.alert_id or '')
    local reached_at = lead.first_contact_at
    if redis.call('HGET', alert, 'acked_by') == 'resolved' then
        -- Who has reached the person after that booking has seen to the alert.
        if reached_at and tonumber(reached_at) < tonumber(converted_at or math.huge) then
            redis.call('HSET', alert, 'acked_at', reached_at, 'acked_by', 'api')
        elseif converted_at then
            redis.call('HSET', alert, 'acked_at', converted_at)
        else
            alert_reopen(T, t, lead.alert_id)
        end
    end
    local changes = {converted_at = converted_at or false, recovered_at = at or false,
        revenue_cents = revenue and revenue ~= '' and revenue or false}
    if not at then changes.recovered_from = false end
    if not converted_at then
        changes.status = reached_at and 'contacted' or lead.recovered_from
    end
    lead_change(T, t, lead, changes, now)
end

local function reference_restore(c, other)
    local own, others = 'contact_' .. c, 'contact_' .. other .. ' contact_' .. c
    local function back(owner) -- the text of an index as it would be
        if owner and string.sub(owner, 1, #others) == others then
            return string.sub(owner, #'contact_' + #other + 2)
        end
    end
    local contact = hash_read(contact_key .. c)
    for _, alias in ipairs(redis.call('SMEMBERS', 'crm_contact_alias_' .. T .. c)) do
        local kind, value = string.match(alias, '^(%a+):(.*)$')
        if kind == 'session' then
            local key = 'crm_session_' .. T .. value
            local owner = back(redis.call('HGET', key, 'contact_id'))
            if owner then redis.call('HSET', key, 'contact_id', owner) end
        elseif kind ~= 'lead' then
            local key = 'crm_contact_' .. kind .. '_' .. T .. value
            local owner = redis.call('GET', key)
            local restored = back(owner)
            if not owner and contact[kind] == value then restored = own end
            if restored then redis.call('SET', key, restored) end
        end
    end
    for _, lead in ipairs(redis.call('ZRANGE', 'crm_contact_lead_' .. T .. c, 0, -1)) do
        redis.call('HSET', 'crm_lead_' .. T .. lead, 'contact_id', own)
        lead_alert_moves(T, lead, own)
        lead_restore(lead_read(T, lead))
    end
    local open = 0
    for _, task in ipairs(redis.call('ZRANGE', 'crm_contact_task_' .. T .. c, 0, -1)) do
        if task_restore(c, task) then open = open + 1 end
    end
    redis.call('HSET', contact_key .. c, 'open_tasks', open)
    return contact
end

-- An identity that the winner and the loser have used in one call is shared from now on.
local function identities_shared(c, other, contact)
    for _, kind in ipairs({'ext', 'email', 'phone', 'wa'}) do
        local value = contact[kind]
        local owner = value and redis.call('GET', 'crm_contact_' .. kind .. '_' .. T .. value)
        if owner and string.sub(owner, 9, 21) == other then
            redis.call('SADD', 'crm_contact_shared_' .. T .. kind .. ':' .. value, c, other)
        end
    end
end

local winner, loser = reference_restore(w, l), reference_restore(l, w)
for _, item in ipairs({{w, l, winner}, {l, w, loser}}) do
    local c, other, contact = unpack(item)
    identities_shared(c, other, contact)
    search_update(t, c, '', search_read(T, c))
    contact_relisted(T, t, c, contact, contact.listed_at)
    redis.call('HDEL', contact_key .. c, 'listed_at')
    -- An entity tag of the merged contact must not come back for another state.
    redis.call('HSET', contact_key .. c, 'v', math.max(tonumber(contact.v), tonumber(merged.v)) + 1,
        'apart', (contact.apart or '') .. other .. ' ')
end

-- What only the merged contact had to do is nobody's; what a person has done of it stays.
for _, task in ipairs(merged_tasks) do
    local key = 'crm_task_' .. T .. task
    local row = redis.call('HMGET', key, 'status', 'due')
    if row[1] and not redis.call('ZSCORE', 'crm_contact_task_' .. T .. w, task)
        and not redis.call('ZSCORE', 'crm_contact_task_' .. T .. l, task) then
        if row[1] == 'done' then
            task_of_contact(T, task, w, row[2])
        else
            task_delete(T, t, task)
        end
    end
end

-- What a side is in, the merged contact was in, too, unless the segment is gone.
for _, segment in ipairs(merged_segments) do
    local members = 'crm_segment_member_' .. T .. segment
    if redis.call('ZREM', members, w) == 1 then
        for _, c in ipairs({w, l}) do
            local at = redis.call('ZSCORE', 'crm_contact_segment_' .. T .. c, segment)
            if at then redis.call('ZADD', members, at, c) end
        end
    end
end

redis.call('HSET', record_key, 'undone_at', now)
day_count(KEYS[3], 'unmerged', 1)
for _, c in ipairs({l, w}) do
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'contact.unmerged',
        'm', merge)
end
if e.again then
    seen_claim(e.again, now, e.again_print,
        table.concat({merge, record.winner, record.loser}, ' '))
end
return {0, merge, record.winner, record.loser}
