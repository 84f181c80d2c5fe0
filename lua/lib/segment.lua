-- lib/segment.lua: who is in which segment (KEYS.md, crm_segment_member_).

local SEGMENTS_MOST = 100

-- segment: "<id>:<n>". sides: the contact's other records (lib/sides.lua), or nil. Returns whether
-- the contact was not in it before.
local function segment_enter(T, segment, c, sides, now)
    local entered = redis.call('ZADD', 'crm_segment_member_' .. T .. segment, 'NX', now, c) == 1
    for _, one in ipairs({c, unpack(sides or {})}) do
        local list = 'crm_contact_segment_' .. T .. one
        redis.call('ZADD', list, 'NX', now, segment)
        if redis.call('ZCARD', list) > SEGMENTS_MOST then -- some are gone: deleting does not look
            for _, other in ipairs(redis.call('ZRANGE', list, 0, -1)) do
                if not redis.call('ZSCORE', 'crm_segment_member_' .. T .. other, c) then
                    redis.call('ZREM', list, other)
                end
            end
        end
    end
    return entered
end
