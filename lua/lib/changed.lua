-- lib/changed.lua: which contacts the change stream names after a position.

-- Contacts (bare <c>) of at most `limit` entries after `since`, each once, in order of their last
-- change; the position to go on from; whether there may be more. nil when entries after `since` are
-- gone from the stream already.
local function change_contacts(feed, since, limit)
    if redis.call('EXISTS', feed) == 0 then return {}, since, false end
    local info = redis.call('XINFO', 'STREAM', feed)
    local facts = {}
    for i = 1, #info, 2 do facts[info[i]] = info[i + 1] end
    local first = redis.call('XRANGE', feed, '-', '+', 'COUNT', 1)[1][1]
    local ms, seq = string.match(since, '^(%d+)-(%d+)$')
    local first_ms, first_seq = string.match(first, '^(%d+)-(%d+)$')
    local older = tonumber(ms) < tonumber(first_ms)
        or (ms == first_ms and tonumber(seq) < tonumber(first_seq))
    if older and facts['entries-added'] > facts['length'] then return nil end

    local rows = redis.call('XRANGE', feed, '(' .. since, '+', 'COUNT', limit)
    local found, seen, position = {}, {}, since
    for i = #rows, 1, -1 do
        local fields = rows[i][2]
        for j = 1, #fields, 2 do
            if fields[j] == 'c' and fields[j + 1] ~= '' and not seen[fields[j + 1]] then
                seen[fields[j + 1]] = true
                table.insert(found, 1, fields[j + 1])
            end
        end
    end
    if rows[1] then position = rows[#rows][1] end
    return found, position, #rows == limit
end
