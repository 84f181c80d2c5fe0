-- lib/timeline.lua: appending to a contact's timeline. The newest 64 activities are a sorted set, a
-- listpack (KEYS.md); when it is full its oldest 32 move to a list that Redis compresses itself, of
-- at most 10,000. A list has no scores: there a member begins with its time, {"at":ms,….

local TIMELINE_MAX = 64
local TIMELINE_MOVE = 32
local TIMELINE_OLD_MAX = 10000

-- recent: how many the sorted set holds. Returns how many it holds now, and how many fell off the
-- list.
local function timeline_add(T, c, at, member, recent)
    local key = 'crm_activity_' .. T .. c
    local dropped = 0
    if recent >= TIMELINE_MAX then
        local old = redis.call('ZPOPMIN', key, TIMELINE_MOVE)
        local moved = {}
        for i = 1, #old, 2 do
            moved[#moved + 1] = '{"at":' .. string.format('%.0f', tonumber(old[i + 1])) .. ','
                .. string.sub(old[i], 2)
        end
        local list = 'crm_activity_old_' .. T .. c
        local length = redis.call('RPUSH', list, unpack(moved))
        if length > TIMELINE_OLD_MAX then
            dropped = length - TIMELINE_OLD_MAX
            redis.call('LTRIM', list, dropped, -1)
        end
        recent = recent - #moved
    end
    redis.call('ZADD', key, at, member)
    return recent + 1, dropped
end
