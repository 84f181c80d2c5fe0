-- lib/booking_prune.lua: a contact keeps 64 bookings.

-- The oldest go, those without a task first; `kept` stays.
local function booking_prune(key, kept)
    local too_many = redis.call('HLEN', key) - 64
    if too_many <= 0 then return end
    local rows, found = redis.call('HGETALL', key), {}
    for i = 1, #rows, 2 do
        local record = cjson.decode(rows[i + 1])
        if rows[i] ~= kept then
            found[#found + 1] = {rows[i], record.at + (record.task and 1e15 or 0)}
        end
    end
    table.sort(found, function(a, b) return a[2] < b[2] end)
    for i = 1, math.min(too_many, #found) do redis.call('HDEL', key, found[i][1]) end
end
