-- lib/page.lua: one page of a sorted set, by score and member, at the same cost on every page.

-- @include lib/bytes.lua

-- How many members stand before a place that may be empty by now (lower scores, equal scores with
-- lower members); and whether the member is still there.
local function page_place(key, score, member)
    local same = redis.call('ZSCORE', key, member)
    if same and tonumber(same) == tonumber(score) then
        return redis.call('ZRANK', key, member), true
    end
    local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
    local high = low + redis.call('ZCOUNT', key, score, score)
    while low < high do
        local middle = math.floor((low + high) / 2)
        if bytes_before(redis.call('ZRANGE', key, middle, middle)[1], member) then
            low = middle + 1
        else
            high = middle
        end
    end
    return low, false
end

-- reverse: highest first. max: the highest score wanted, or "+inf". after_score, after_member:
-- where the page before ended, "" on the first. Returns {member, score, …}, at most limit members.
local function page_read(key, reverse, max, after_score, after_member, limit)
    local from, to = 0, -1 -- ranks, from the lowest
    if max ~= '+inf' then to = redis.call('ZCOUNT', key, '-inf', max) - 1 end
    if max ~= '+inf' and to < 0 then return {} end
    if after_member ~= '' then
        local place, is_there = page_place(key, after_score, after_member)
        if reverse then
            to = place - 1
            if to < 0 then return {} end
        else
            from = is_there and place + 1 or place
        end
    end
    if not reverse then
        local last = from + limit - 1
        if to >= 0 and to < last then last = to end
        if last < from then return {} end
        return redis.call('ZRANGE', key, from, last, 'WITHSCORES')
    end
    if to < 0 then return redis.call('ZRANGE', key, 0, limit - 1, 'REV', 'WITHSCORES') end
    local rows = redis.call('ZRANGE', key, math.max(to - limit + 1, 0), to, 'WITHSCORES')
    local page = {}
    for i = #rows - 1, 1, -2 do page[#page + 1], page[#page + 2] = rows[i], rows[i + 1] end
    return page
end
