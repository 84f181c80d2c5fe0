-- lib/merge.lua: two contacts turn out to be one person. The loser's record is folded into the
-- winner's; both live on as sides, by which the merge can be undone (lib/sides.lua). Needs
-- lib/sides.lua, lib/timeline.lua, lib/contact.lua and lib/search.lua.

-- @include lib/message.lua

local MERGES_LISTED = 10000

-- Fields that are added up; so are those that count by a name, "vehicle:<name>".
local MERGE_SUMS = {activities = true, dropped = true, website_visits = true, open_tasks = true,
    total_bookings = true, total_revenue_cents = true, message_count = true}
-- Fields that a contact has for itself, or that are decided one by one below.
local MERGE_OWN = {id = true, n = true, v = true, recent = true, booking = true, merges = true,
    apart = true, created_at = true, updated_at = true, last_activity = true, lead_score = true,
    lead_status = true, status_at = true, email_typed = true, phone_typed = true, sources = true,
    lead_source = true}
local MERGE_RANK = {new_lead = 0, hot_booking = 1, hot_abandoned = 1, customer = 2}

local function hash_read(key)
    local rows, hash = redis.call('HGETALL', key), {}
    for i = 1, #rows, 2 do hash[rows[i]] = rows[i + 1] end
    return hash
end

-- Activities of both, as a timeline of w. Returns how many its sorted set has, how many fell off.
local function merge_timelines(T, w, l)
    local function entries(c)
        local list = {}
        for _, member in ipairs(redis.call('LRANGE', 'crm_activity_old_' .. T .. c, 0, -1)) do
            local at, rest = string.match(member, '^{"at":(%d+),(.*)$')
            list[#list + 1] = {tonumber(at), '{' .. rest}
        end
        local rows = redis.call('ZRANGE', 'crm_activity_' .. T .. c, 0, -1, 'WITHSCORES')
        for i = 1, #rows, 2 do list[#list + 1] = {tonumber(rows[i + 1]), rows[i]} end
        return list
    end
    local a, b, all = entries(w), entries(l), {}
    local i, j = 1, 1
    while a[i] or b[j] do
        if not b[j] or (a[i] and a[i][1] <= b[j][1]) then
            all[#all + 1], i = a[i], i + 1
        else
            all[#all + 1], j = b[j], j + 1
        end
    end
    local recent, old = 'crm_activity_' .. T .. w, 'crm_activity_old_' .. T .. w
    redis.call('DEL', recent, old)
    local first_recent = math.max(#all - TIMELINE_MAX, 0) + 1
    local dropped = math.max(first_recent - 1 - TIMELINE_OLD_MAX, 0)
    for k = dropped + 1, #all do
        local at = string.format('%.0f', all[k][1])
        if k < first_recent then
            redis.call('RPUSH', old, '{"at":' .. at .. ',' .. string.sub(all[k][2], 2))
        else
            redis.call('ZADD', recent, at, all[k][2])
        end
    end
    return #all - first_recent + 1, dropped
end

-- The bookings of l, beside those of w. Returns the name of the current one.
local function merge_bookings(T, w, l, name_w, name_l)
    local of_w, of_l = 'crm_booking_' .. T .. w, 'crm_booking_' .. T .. l
    local function at(key, name)
        local record = name and redis.call('HGET', key, name)
        return record and cjson.decode(record).at or -1
    end
    local newer_is_l = at(of_l, name_l) > at(of_w, name_w)
    local current = newer_is_l and name_l or name_w
    local rows = redis.call('HGETALL', of_l)
    for i = 1, #rows, 2 do
        local name, record = rows[i], rows[i + 1]
        local there = redis.call('HGET', of_w, name)
        if there and cjson.decode(there).at > cjson.decode(record).at then
            name = name .. '~' .. l -- nobody names it any more; it is kept for its task
        elseif there then
            redis.call('HSET', of_w, name .. '~' .. w, there)
        end
        redis.call('HSET', of_w, name, record)
    end
    if #rows > 0 then redis.call('EXPIRE', of_w, SIDE_KEEP_S) end
    return current
end

-- The alert of a lead is the same contact's.
local function lead_alert_moves(T, lead, contact_id)
    local alert = redis.call('HGET', 'crm_lead_' .. T .. lead, 'alert_id')
    local key = 'crm_alert_' .. T .. (alert or '')
    if alert and redis.call('EXISTS', key) == 1 then
        redis.call('HSET', key, 'contact_id', contact_id)
    end
end

-- What refers to the loser refers to the winner: identities, sessions, tasks, leads and alerts.
local function merge_references(T, w, l, side)
    local winner = 'contact_' .. w
    for _, alias in ipairs(redis.call('SMEMBERS', 'crm_contact_alias_' .. T .. side)) do
        local kind, value = string.match(alias, '^(%a+):(.*)$')
        if kind == 'session' then
            local key = 'crm_session_' .. T .. value
            local owner = redis.call('HGET', key, 'contact_id')
            if owner and string.sub(owner, 9, 21) == l then
                redis.call('HSET', key, 'contact_id', winner .. ' ' .. owner)
            end
        elseif kind ~= 'lead' then
            local key = 'crm_contact_' .. kind .. '_' .. T .. value
            local owner = redis.call('GET', key)
            if owner and string.sub(owner, 9, 21) == l then
                redis.call('SET', key, winner .. ' ' .. owner)
            end
        end
    end
    local aliases = 'crm_contact_alias_' .. T .. w
    redis.call('SUNIONSTORE', aliases, aliases, 'crm_contact_alias_' .. T .. side)
    for _, kind in ipairs({'task', 'lead'}) do
        local rows = redis.call('ZRANGE', 'crm_contact_' .. kind .. '_' .. T .. side, 0, -1,
            'WITHSCORES')
        for i = 1, #rows, 2 do
            redis.call('HSET', 'crm_' .. kind .. '_' .. T .. rows[i], 'contact_id', winner)
            redis.call('ZADD', 'crm_contact_' .. kind .. '_' .. T .. w, rows[i + 1], rows[i])
            if kind == 'lead' then lead_alert_moves(T, rows[i], winner) end
        end
    end
end

-- The winner is in the segments of both, since the first of them is. Of a segment that is gone the
-- loser is no member.
local function merge_segments(T, w, l, side)
    local rows = redis.call('ZRANGE', 'crm_contact_segment_' .. T .. side, 0, -1, 'WITHSCORES')
    for i = 1, #rows, 2 do
        local members = 'crm_segment_member_' .. T .. rows[i]
        if redis.call('ZREM', members, l) == 1 then
            redis.call('ZADD', members, 'LT', rows[i + 1], w)
            redis.call('ZADD', 'crm_contact_segment_' .. T .. w, 'LT', rows[i + 1], rows[i])
        end
    end
end

-- The winner's fields after the merge: those that change.
local function merge_fields(T, winner, loser, merge, w, l, now)
    local newer = tonumber(loser.last_activity or 0) > tonumber(winner.last_activity or 0)
    local set = {v = tonumber(winner.v) + 1, updated_at = now}
    for field, value in pairs(loser) do
        if MERGE_SUMS[field] or string.find(field, ':', 1, true) then
            set[field] = string.format('%.0f', tonumber(winner[field] or 0) + tonumber(value))
        elseif not MERGE_OWN[field] then
            local moves = newer and field ~= 'last_name' and string.sub(field, 1, 5) == 'last_'
            if not winner[field] or moves then set[field] = value end
        end
    end
    for _, name in ipairs({'email', 'phone'}) do -- as typed: with the identity itself
        if set[name] then set[name .. '_typed'] = loser[name .. '_typed'] end
    end
    if newer then set.last_activity = loser.last_activity end
    if tonumber(loser.created_at) < tonumber(winner.created_at) then
        set.created_at = loser.created_at
    end
    if tonumber(loser.lead_score) > tonumber(winner.lead_score) then
        set.lead_score = loser.lead_score
    end
    local rank_w, rank_l = MERGE_RANK[winner.lead_status] or 0, MERGE_RANK[loser.lead_status] or 0
    if rank_l > rank_w
        or (rank_l == rank_w and tonumber(loser.status_at) > tonumber(winner.status_at)) then
        set.lead_status, set.status_at = loser.lead_status, loser.status_at
    end
    local sources = winner.sources or winner.lead_source
    for word in string.gmatch(loser.sources or loser.lead_source, '[^|]+') do
        if not string.find('|' .. sources .. '|', '|' .. word .. '|', 1, true) then
            sources = sources .. '|' .. word
            set.sources = sources
        end
    end
    local apart = (winner.apart or '') .. (loser.apart or '')
    if apart ~= '' then set.apart = apart end
    local merges = {table.concat({merge, w, l}, ':')}
    for _, before in ipairs({winner.merges or '', loser.merges or ''}) do
        for one in string.gmatch(before, '%S+') do
            if redis.call('EXISTS', 'crm_merge_' .. T .. string.sub(one, 1, 36)) == 1 then
                merges[#merges + 1] = one
            end
        end
    end
    set.merges = table.concat(merges, ' ')
    return set
end

-- Takes a contact out of the lists of contacts, or puts it in.
local function contact_unlisted(T, t, c, contact)
    redis.call('ZREM', 'crm_created' .. t, c)
    redis.call('ZREM', 'crm_status_' .. T .. contact.lead_status, c)
    redis.call('ZREM', 'crm_revenue' .. t, c)
    redis.call('ZREM', 'crm_priority' .. t, c)
end

local function contact_relisted(T, t, c, contact, listed_at)
    redis.call('ZADD', 'crm_created' .. t, contact.created_at, c)
    redis.call('ZADD', 'crm_status_' .. T .. contact.lead_status, listed_at, c)
    local revenue = contact.total_revenue_cents or '0'
    if revenue ~= '0' then redis.call('ZADD', 'crm_revenue' .. t, revenue, c) end
    contact_ranked(T, t, c)
end

-- merge: its id. w, l: the contacts, bare; both exist. feed, day: keys. by: "auto" or who asked.
-- evidence: JSON.
local function merge_apply(T, t, merge, w, l, now, feed, day, by, reason, evidence)
    local winner = hash_read('crm_contact_' .. T .. w)
    local loser = hash_read('crm_contact_' .. T .. l)
    local found_w, found_l = search_read(T, w), search_read(T, l)
    local listed_w = redis.call('ZSCORE', 'crm_status_' .. T .. winner.lead_status, w)
    local listed_l = redis.call('ZSCORE', 'crm_status_' .. T .. loser.lead_status, l)
    local side_w, side_l = side_name(w, merge), side_name(l, merge)

    for _, part in ipairs(SIDE_PARTS) do
        local prefix = 'crm_' .. part .. T
        redis.call('COPY', prefix .. w, prefix .. side_w)
        if redis.call('EXISTS', prefix .. l) == 1 then
            redis.call('RENAME', prefix .. l, prefix .. side_l)
        end
    end
    redis.call('HSET', 'crm_contact_' .. T .. side_w, 'listed_at', listed_w)
    redis.call('HSET', 'crm_contact_' .. T .. side_l, 'listed_at', listed_l)
    side_keep(T, side_w)
    side_keep(T, side_l)

    local set = merge_fields(T, winner, loser, merge, w, l, now)
    local recent, dropped = merge_timelines(T, w, side_l)
    set.recent = recent
    if dropped > 0 then set.dropped = (set.dropped or winner.dropped or 0) + dropped end
    set.booking = merge_bookings(T, w, side_l, winner.booking, loser.booking)
    message_unite(T, w, side_l)
    merge_references(T, w, l, side_l)
    merge_segments(T, w, l, side_l)

    contact_unlisted(T, t, w, winner)
    contact_unlisted(T, t, l, loser)
    local listed_at = set.lead_status and listed_l or listed_w
    local fields = {}
    for field, value in pairs(set) do
        winner[field] = value
        fields[#fields + 1], fields[#fields + 2] = field, value
    end
    redis.call('HSET', 'crm_contact_' .. T .. w, unpack(fields))
    contact_relisted(T, t, w, winner, listed_at)
    search_update(t, l, found_l, '')
    search_update(t, w, found_w, search_read(T, w))

    redis.call('SET', 'crm_contact_merged_' .. T .. l, 'contact_' .. w)
    local record = 'crm_merge_' .. T .. merge
    redis.call('HSET', record, 'id', merge, 'winner', 'contact_' .. w, 'loser', 'contact_' .. l,
        'automatic', by == 'auto' and '1' or '0', 'by', by, 'reason', reason, 'evidence', evidence,
        'at', now)
    redis.call('EXPIRE', record, SIDE_KEEP_S)
    local log = 'crm_merge_log' .. t
    redis.call('ZADD', log, now, merge)
    redis.call('ZREMRANGEBYRANK', log, 0, -MERGES_LISTED - 1)
    day_count(day, 'merged', 1)
    for _, c in ipairs({l, w}) do
        redis.call('XADD', feed, 'MAXLEN', '~', 100000, '*', 'c', c, 't', 'contact.merged',
            'm', merge)
    end
end
