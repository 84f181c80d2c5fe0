-- lib/priority.lua: the order of an inbox.

-- The place of something with a score and a value, last heard of at `at`: the order of score ×
-- (1 + value ÷ 1,000), halved with every 24 hours of silence. Its logarithm, so that the order of
-- two does not change while nothing happens to them.
local function priority(score, value_cents, at)
    local worth = math.max(tonumber(score), 0.001) * (1 + tonumber(value_cents or 0) / 100000)
    return string.format('%.6f', math.log(worth) / math.log(2) + tonumber(at) / 86400000)
end
