#!lua flags=no-writes
-- lead_list: a page of leads in the order of an index, of those that filters let pass.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2…] indexes in groups: the leads asked for are all in each
--                                         group, in one of its indexes, and all in the same order
-- ARGV[1]  tag before, <T>       ARGV[2]  "asc" or "desc"
-- ARGV[3]  most rows             ARGV[4]  change id the caller has, or ""
-- ARGV[5]  score and             ARGV[6]  member of the last row before, or "" and ""
-- ARGV[7]  rows to pass over first                                  ARGV[8]  number of groups
-- ARGV[9…] for each group: how many indexes it has, with "!" behind it when whatever is in it
--          passes all filters
-- then pairs of name and value, what a lead must have, all of them:
--   status, source, quality, reason, refined               one of these words
--   assignee                                               this one
--   active, converted, contacted                           "1" or "0"
--   score_min, score_max, after, before                    bounds of score and creation, all
--                                                          inclusive but `before`
--   phone                                                  its canonical text
-- and what the page is taken from instead of a group, all of it still to pass the filters:
--   pointer      a string that holds the id of the only lead
--   index        the index of an identity: the leads of the contact that it leads to
--   contact      <c>: the leads of this contact
--   by_creation  the order is that of creation: nothing follows beyond `after` or `before`
-- Returns  {change id, {{field, value, …}, …}, more 0|1, score, member of the last row looked at,
--          rows in all or -1, rows still to pass over}; only {change id} when the caller has that
-- @include lib/page.lua
-- @include lib/pages.lua
-- @include lib/change.lua
-- @include lib/day.lua
-- @include lib/lead.lua
-- @include lib/resolve.lua

local T, limit, skip = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[7])
local LOOKED_AT = 400 -- in one call
local BYTES = 1048576 -- of rows, after which the page ends
local newest = change_id(KEYS[1])
if newest == ARGV[4] then return {newest} end

local e, wanted = {}, {}
for i = 9 + tonumber(ARGV[8]), #ARGV, 2 do
    local name, value = ARGV[i], ARGV[i + 1]
    local words = {}
    for word in string.gmatch(value, '%S+') do words[word] = true end
    e[name], wanted[name] = value, {words = words, number = tonumber(value)}
end

-- The group that has nothing else in it; or else the smallest.
local group, total, is_exact
local at = 2
for i = 9, 8 + tonumber(ARGV[8]) do
    local count, mark = string.match(ARGV[i], '^(%d+)(!?)$')
    local keys, size = {KEYS[1]}, 0
    for j = at, at + tonumber(count) - 1 do
        keys[#keys + 1] = KEYS[j]
        size = size + redis.call('ZCARD', KEYS[j])
    end
    at = at + tonumber(count)
    if not is_exact and (mark == '!' or not total or size < total) then
        group, total, is_exact = keys, size, mark == '!'
    end
end
if e.index or e.contact then
    local c = e.contact or string.sub(redis.call('GET', e.index) or '', 9, 21)
    group, is_exact = {KEYS[1], 'crm_contact_lead_' .. T .. (contact_resolve(T, c) or '')}, false
end

local function has(name, value)
    return not wanted[name] or (wanted[name].words[value or ''] == true)
end
local function is_least(name, value)
    return not wanted[name] or value >= wanted[name].number
end
local function is_most(name, value)
    return not wanted[name] or value <= wanted[name].number
end

local function passes(id)
    local row = redis.call('HMGET', 'crm_lead_' .. T .. id, 'status', 'source', 'score', 'reason',
        'refined', 'assignee', 'is_active', 'first_contact_at', 'phone', 'created_at')
    if not row[1] then return false end
    local score, made = tonumber(row[3]), tonumber(row[10])
    return has('status', row[1]) and has('source', row[2]) and has('quality', lead_quality(score))
        and has('reason', row[4]) and has('refined', row[5])
        and (not e.assignee or row[6] == e.assignee)
        and has('active', row[7]) and has('converted', LEAD_CONVERTED[row[1]] and '1' or '0')
        and has('contacted', row[8] and '1' or '0') and has('phone', row[9])
        and is_least('score_min', score) and is_most('score_max', score)
        and is_least('after', made) and (not wanted.before or made < wanted.before.number)
end

local page
local most = is_exact and skip + limit or LOOKED_AT
if e.pointer then
    local id = redis.call('GET', e.pointer)
    page = id and ARGV[6] == '' and {id, '0'} or {}
elseif is_exact and #group == 2 and skip > 0 then -- one index: by rank
    local command = {'ZRANGE', group[2], skip, skip + limit, 'WITHSCORES'}
    if ARGV[2] == 'desc' then command[#command + 1] = 'REV' end
    page = redis.call(unpack(command))
    skip, most = 0, limit
else
    page = pages_read(group, 2, ARGV[2] == 'desc', ARGV[5], ARGV[6], most + 1)
end
local found = #page / 2
local rows, last, bytes = {}, 0, 0
while last < math.min(found, most) and #rows < limit and bytes < BYTES do
    last = last + 1
    local id, place = page[2 * last - 1], tonumber(page[2 * last])
    local is_beyond = e.by_creation and (ARGV[2] == 'desc' and wanted.after
        and place < wanted.after.number or ARGV[2] == 'asc' and wanted.before
        and place >= wanted.before.number)
    if is_beyond then
        found = last
    elseif (is_exact and not e.pointer) or passes(id) then
        if skip > 0 then
            skip = skip - 1
        else
            local row = redis.call('HGETALL', 'crm_lead_' .. T .. id)
            if #row > 0 then rows[#rows + 1] = row end
            for i = 2, #row, 2 do bytes = bytes + #row[i] end
        end
    end
end
return {newest, rows, found > last and 1 or 0, page[2 * last] or '', page[2 * last - 1] or '',
    is_exact and total or -1, skip}
