#!lua flags=no-writes
-- response_times: how long leads waited for their first contact; the caller asks page by page.
-- @keys 1
-- KEYS[1…]  crm_lead_response_… of days and sources, at most 64
-- ARGV[1]   members of the first key to pass over         ARGV[2]  most times, at most 500
-- Returns   {keys read to their end, members of the next one that were read, ms, …}

local offset, left = tonumber(ARGV[1]), tonumber(ARGV[2])
local answer = {#KEYS, 0}
for i, key in ipairs(KEYS) do
    local page = redis.call('ZRANGE', key, offset, offset + left - 1, 'WITHSCORES')
    for j = 2, #page, 2 do answer[#answer + 1] = page[j] end
    left = left - #page / 2
    if left == 0 then
        answer[1], answer[2] = i - 1, offset + #page / 2
        break
    end
    offset = 0
end
return answer
