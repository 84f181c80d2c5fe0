-- lib/priority.lua: the order of an inbox.

-- The place of something with a score and a value, last heard of at `at`: the order of score ×
-- (1 + value ÷ 1,000), halved with every 24 hours of silence. Its logarithm, so that the order of
-- two does not change while nothing happens to them.
local function priority(score, value_cents, at)
    local worth = math.max(tonumber(score), 0.001) * (1 + tonumber(value_cents or 0) / 100000)
    return string.format('%.6f', math.log(worth) / math.log(2) + tonumber(at) / 86400000)
end

-- Silence is counted in whole hours, so that not every event moves its contact in the list.
local function contact_hour(at) return math.floor(tonumber(at) / 3600000) end

-- Its place in the order of an inbox, after its score, deal value or hour has changed.
local function contact_ranked(T, t, c)
    local row = redis.call('HMGET', 'crm_contact_' .. T .. c, 'lead_score',
        'estimated_deal_value_cents', 'last_activity')
    redis.call('ZADD', 'crm_priority' .. t, priority(row[1], row[2] or 0,
        contact_hour(row[3]) * 3600000), c)
end
