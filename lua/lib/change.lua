-- lib/change.lua: positions in the change stream: what lists send as X-Change-Id and answer 304 by.

-- Id of the newest entry; '0-0' when there is none.
local function change_id(feed)
    local newest = redis.call('XREVRANGE', feed, '+', '-', 'COUNT', 1)
    return newest[1] and newest[1][1] or '0-0'
end
