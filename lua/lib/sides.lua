-- lib/sides.lua: the sides of merged contacts. As long as a merge can be undone, each of its two
-- contacts goes on by itself, unseen, as "<c>~<merge id>": what happens to the merged contact by an
-- identity that came from one of them happens to that side, too. So undoing a merge is putting its
-- sides in the contact's place, whatever has happened since (lib/merge.lua).

local SIDE_PARTS = {'contact_', 'activity_', 'activity_old_', 'booking_', 'contact_task_',
    'contact_lead_', 'contact_alias_', 'contact_segment_', 'message_'}
local SIDE_KEEP_S = 90 * 86400

local function side_name(c, merge) return c .. '~' .. merge end

-- merges: the contact's field of that name, "<merge id>:<winner>:<loser> …", newest first.
-- path: the text of the index by which it was found ("contact_<c> …", outermost first).
-- Returns the names of the sides that are kept, or nil.
local function sides_of(T, merges, path)
    local inner = {} -- of a contact on the path: the one below it
    local last
    for c in string.gmatch(path, 'contact_(%S+)') do
        if last then inner[last] = c end
        last = c
    end
    local sides, later = nil, {}
    for merge, winner, loser in string.gmatch(merges, '([^:%s]+):([^:%s]+):([^:%s]+)') do
        local below, side = inner[winner], nil
        if below == loser then
            side = loser
        elseif winner == last or (below and not later[winner .. below]) then
            side = winner -- what the winner had taken in before belongs to its side
        end
        later[winner .. loser] = true
        side = side and side_name(side, merge)
        if side and redis.call('EXISTS', 'crm_contact_' .. T .. side) == 1 then
            sides = sides or {}
            table.insert(sides, side)
        end
    end
    return sides
end

-- The keys of a side go when its merge can no longer be undone.
local function side_keep(T, side)
    for _, part in ipairs(SIDE_PARTS) do
        redis.call('EXPIRE', 'crm_' .. part .. T .. side, SIDE_KEEP_S)
    end
end

-- Is this identity what a side shows as its own?
local function side_shows(T, merges, name, value)
    for merge, winner, loser in string.gmatch(merges, '([^:%s]+):([^:%s]+):([^:%s]+)') do
        for _, c in ipairs({winner, loser}) do
            local side = 'crm_contact_' .. T .. side_name(c, merge)
            if redis.call('HGET', side, name) == value then return true end
        end
    end
    return false
end

-- A task that is closed for a side, the first time; the merged contact's own doing says nothing of
-- that.
local function side_closes(T, side, task, now)
    redis.call('HSETNX', 'crm_merge_' .. T .. string.sub(side, 15), 'closed:' .. task, now)
end

-- The sides that have a lead: what is decided of it is their news, too.
local function sides_of_lead(T, merges, lead)
    local sides = {}
    for merge, winner, loser in string.gmatch(merges, '([^:%s]+):([^:%s]+):([^:%s]+)') do
        for _, c in ipairs({winner, loser}) do
            local side = side_name(c, merge)
            if redis.call('ZSCORE', 'crm_contact_lead_' .. T .. side, lead) then
                sides[#sides + 1] = side
            end
        end
    end
    return sides
end
