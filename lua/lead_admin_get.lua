#!lua flags=no-writes
-- lead_admin_get: one lead, with its messages, its tasks, and what its contact has done.
-- @keys 1
-- KEYS[1]  the lead's hash, or the string that a lead number points with
-- ARGV[1]  tag before, <T>       ARGV[2]  "id" or "no"
-- Returns  {{field, value, …}, {member, time, …} of its contact's conversation, newest first, at
--          most 500 and 8 MiB of them}, {{task id, {field, value, …}}, …}, {member, time, …} of its
--          contact's newest activities}
-- Errors   NOTFOUND
-- @include lib/lead_tasks.lua

local T = ARGV[1]
local MESSAGES_LOOKED_AT, MESSAGES_BYTES, PAGE = 500, 8388608, 50
local ACTIVITIES = 20 -- the newest

local key = KEYS[1]
if ARGV[2] == 'no' then key = 'crm_lead_' .. T .. (redis.call('GET', key) or '') end
local row = redis.call('HGETALL', key)
if #row == 0 then return redis.error_reply('NOTFOUND no such lead') end

local messages, bytes, from = {}, 0, 0
local lead = redis.call('HMGET', key, 'id', 'contact_id', 'message_count')
local c = string.sub(lead[2] or '', 9)
local conversation = 'crm_message_' .. T .. c
local of_lead = ',"l":"' .. lead[1] .. '"}'
while lead[3] and from < MESSAGES_LOOKED_AT and bytes < MESSAGES_BYTES do
    local page = redis.call('ZRANGE', conversation, from, from + PAGE - 1, 'REV', 'WITHSCORES')
    for i = 1, #page, 2 do
        if bytes < MESSAGES_BYTES and string.sub(page[i], -#of_lead) == of_lead then
            bytes = bytes + #page[i]
            messages[#messages + 1], messages[#messages + 2] = page[i], page[i + 1]
        end
    end
    from = #page == 2 * PAGE and from + PAGE or MESSAGES_LOOKED_AT
end

local activities = redis.call('ZRANGE', 'crm_activity_' .. T .. c, 0, ACTIVITIES - 1, 'REV',
    'WITHSCORES')
return {row, messages, lead_tasks(T, c, lead[1]), activities}
