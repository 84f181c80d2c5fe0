-- lib/booking_prune.lua: a contact keeps 64 bookings.

-- The oldest goes, `kept` stays.
local function booking_prune(key, kept)
    if redis.call('HLEN', key) <= 64 then return end
    local rows = redis.call('HGETALL', key)
    local oldest, oldest_at
    for i = 1, #rows, 2 do
        local at = cjson.decode(rows[i + 1]).at
        if rows[i] ~= kept and (not oldest or at < oldest_at) then
            oldest, oldest_at = rows[i], at
        end
    end
    redis.call('HDEL', key, oldest)
end
