-- lib/record.lua: some fields of a hash.

-- A table of those of `names` that it has; nil when it has not the first.
local function record_read(key, names)
    local row = redis.call('HMGET', key, unpack(names))
    if not row[1] then return nil end
    local record = {}
    for i, name in ipairs(names) do record[name] = row[i] end
    return record
end
