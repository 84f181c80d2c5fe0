-- lib/page.lua: one page of a sorted set, by score and member, at the same cost on every page.

-- reverse: highest first. after_score, after_member: where the page before ended, '' on the first.
-- within: {min, max} as of ZRANGE BYSCORE. Returns {member, score, …}, at most limit members.
local function page_read(key, reverse, within, after_score, after_member, limit)
    if after_member ~= '' then
        local score = redis.call('ZSCORE', key, after_member)
        if score and tonumber(score) == tonumber(after_score) and within[1] == '-inf'
            and within[2] == '+inf' then
            local rank = redis.call(reverse and 'ZREVRANK' or 'ZRANK', key, after_member) + 1
            return redis.call('ZRANGE', key, rank, rank + limit - 1,
                unpack(reverse and {'REV', 'WITHSCORES'} or {'WITHSCORES'}))
        end
        within = reverse and {within[1], after_score} or {after_score, within[2]}
    end
    -- The member itself has moved on, or the page is cut by score: step over its equals.
    local page, offset = {}, 0
    repeat
        local rows
        if reverse then
            rows = redis.call('ZRANGE', key, within[2], within[1], 'BYSCORE', 'REV', 'LIMIT',
                offset, limit, 'WITHSCORES')
        else
            rows = redis.call('ZRANGE', key, within[1], within[2], 'BYSCORE', 'LIMIT', offset,
                limit, 'WITHSCORES')
        end
        for i = 1, #rows, 2 do
            local seen = after_member ~= '' and tonumber(rows[i + 1]) == tonumber(after_score)
                and (rows[i] == after_member or (rows[i] > after_member) == reverse)
            if not seen and #page < 2 * limit then
                page[#page + 1], page[#page + 2] = rows[i], rows[i + 1]
            end
        end
        offset = offset + limit
    until #rows < 2 * limit or #page >= 2 * limit or offset > 2000
    return page
end
