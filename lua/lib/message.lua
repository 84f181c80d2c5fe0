-- lib/message.lua: a contact's conversation: its newest messages, by their time.

local MESSAGES_MAX = 500

local function message_add(T, c, at, member)
    local key = 'crm_message_' .. T .. c
    redis.call('ZADD', key, at, member)
    redis.call('ZREMRANGEBYRANK', key, 0, -MESSAGES_MAX - 1)
end

-- The messages of both, as a conversation of w.
local function message_unite(T, w, l)
    local key, theirs = 'crm_message_' .. T .. w, 'crm_message_' .. T .. l
    if redis.call('EXISTS', theirs) == 0 then return end
    redis.call('ZUNIONSTORE', key, 2, key, theirs, 'AGGREGATE', 'MAX')
    redis.call('ZREMRANGEBYRANK', key, 0, -MESSAGES_MAX - 1)
end
