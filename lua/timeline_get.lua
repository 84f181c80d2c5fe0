#!lua flags=no-writes
-- timeline_get: a page of a contact's activities, newest first: the sorted set, then the old list.
-- @keys 1
-- KEYS[1]  the contact's hash
-- ARGV[1]  most rows             ARGV[2]  type, or "" for all
-- ARGV[3]  least time, or ""     ARGV[4]  time that is too late, or ""
-- ARGV[5]  score and             ARGV[6]  id of the last activity of the page before, or "" and ""
-- ARGV[7]  number of the last row of the old list that was looked at, or "" while in the sorted
--          set; rows are numbered from the contact's first, whatever has fallen off since
-- ARGV[8]  version the caller has, or ""                            ARGV[9]  row at which the old
--          list ended when the first page was read, or ""
-- Returns  {version, {time, member, …}, score, id, row, end of the old list}: where the next page
--          goes on, all "" at the end; only {version} when the caller has it
-- Errors   NOTFOUND
-- @include lib/bytes.lua
-- @include lib/resolve.lua

local limit, wanted = tonumber(ARGV[1]), ARGV[2]
local c = contact_resolve(ARGV[10], ARGV[11])
if not c then return redis.error_reply('NOTFOUND no such contact') end
local recent, old = 'crm_activity_' .. ARGV[10] .. c, 'crm_activity_old_' .. ARGV[10] .. c
local head = redis.call('HMGET', 'crm_contact_' .. ARGV[10] .. c, 'v', 'dropped')
if head[1] == ARGV[8] then return {head[1]} end

local from, to = tonumber(ARGV[3]), tonumber(ARGV[4])
local rows, looked_at = {}, 0
local LOOK_AT_MOST = 600 -- rows of one call; a filter may leave a page short, never a script long

-- The type is the first "t" of a member; what stands in the data comes later.
local function is_wanted(member)
    local begins = string.find(member, '"t":"', 1, true) + 5
    return string.sub(member, begins, begins + #wanted) == wanted .. '"'
end

local function take(at, member)
    looked_at = looked_at + 1
    if wanted == '' or is_wanted(member) then
        rows[#rows + 1], rows[#rows + 2] = at, member
    end
    return #rows >= 2 * limit or looked_at >= LOOK_AT_MOST
end

-- Ids inside a member stand at its start: {"i":"<36>",…
local function id_of(member) return string.match(member, '"i":"([^"]+)"') or '' end

local after_score, after_id = ARGV[5], ARGV[6]
local dropped = tonumber(head[2] or 0)
local length = redis.call('LLEN', old)
local list_end = ARGV[9] ~= '' and ARGV[9] or tostring(dropped + length)
if ARGV[7] == '' then
    local max = to and '(' .. ARGV[4] or '+inf'
    if after_score ~= '' then max = after_score end
    local offset = 0
    repeat
        local page = redis.call('ZRANGE', recent, max, from and ARGV[3] or '-inf', 'BYSCORE',
            'REV', 'LIMIT', offset, 100, 'WITHSCORES')
        for i = 1, #page, 2 do
            local member, at = page[i], page[i + 1]
            -- Equal times stand in reverse order of their ids.
            if not (at == after_score and not bytes_before(id_of(member), after_id)) then
                after_score, after_id = at, id_of(member)
                if take(at, member) then
                    return {head[1], rows, after_score, after_id, '', list_end, 'contact_' .. c}
                end
            end
        end
        offset = offset + 100
    until #page < 200
end

-- The old list, from its end. What came into it since the first page, from a part of the sorted set
-- that this reader has had, is stepped over.
local last = ARGV[7] ~= '' and tonumber(ARGV[7]) - dropped - 1 or length - 1
local passing = ARGV[7] == '' and after_score ~= ''
while last >= 0 do
    local start = math.max(last - 63, 0)
    local chunk = redis.call('LRANGE', old, start, last)
    for i = #chunk, 1, -1 do
        local at = string.match(chunk[i], '^{"at":(%d+)')
        local number = tonumber(at)
        local moved = dropped + start + i - 1 >= tonumber(list_end)
        local had = passing and moved and (number > tonumber(after_score)
            or (number == tonumber(after_score) and not bytes_before(id_of(chunk[i]), after_id)))
        if not had and (not from or number >= from) and (not to or number < to) then
            if take(at, chunk[i]) then
                local row = tostring(dropped + start + i - 1)
                return {head[1], rows, '', '', row, list_end, 'contact_' .. c}
            end
        end
    end
    last = start - 1
end
return {head[1], rows, '', '', '', '', 'contact_' .. c}
