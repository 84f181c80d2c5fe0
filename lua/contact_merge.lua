#!lua
-- contact_merge: somebody says that two contacts are one person.
-- @keys 3
-- KEYS[1]  change stream         KEYS[2]  list of merges            KEYS[3]  counters of the day
-- ARGV[1]  tag before, <T>       ARGV[2]  tag after, <t>            ARGV[3]  now ms
-- ARGV[4]  id of the merge       ARGV[5]  winner, <c>               ARGV[6]  loser, <c>
-- ARGV[7]  1: even if they differ in customer id or e-mail          ARGV[8]  reason
-- ARGV[9]  by whom
-- then pairs of name and value: again, again_print
-- Returns  {replayed 0|1, id of the merge, winner's contact id, loser's contact id}
-- Errors   NOTFOUND, SAME, UNSAFE, MISMATCH
-- @include lib/seen.lua
-- @include lib/timeline.lua
-- @include lib/contact.lua
-- @include lib/search.lua
-- @include lib/sides.lua
-- @include lib/merge.lua
-- @include lib/resolve.lua

local T, t, now, merge, forced = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[7] == '1'
local e = {}
for i = 10, #ARGV, 2 do e[ARGV[i]] = ARGV[i + 1] end
if not tonumber(now) or (e.again and not e.again_print) then
    return redis.error_reply('ERR contact_merge: its arguments are not what it expects')
end
if e.again then
    local before = seen_read(redis.call('GET', e.again), now, e.again_print)
    if before ~= nil then return seen_repeat(before) end
end

local w, l = contact_resolve(T, ARGV[5]), contact_resolve(T, ARGV[6])
if not w then return redis.error_reply('NOTFOUND contact_' .. ARGV[5]) end
if not l then return redis.error_reply('NOTFOUND contact_' .. ARGV[6]) end
if w == l then return redis.error_reply('SAME they are one contact already') end
if not forced then
    local of_w = redis.call('HMGET', 'crm_contact_' .. T .. w, 'ext', 'email')
    local of_l = redis.call('HMGET', 'crm_contact_' .. T .. l, 'ext', 'email')
    for i = 1, 2 do
        if of_w[i] and of_l[i] and of_w[i] ~= of_l[i] then
            return redis.error_reply('UNSAFE they have different customer ids or e-mails')
        end
    end
end

merge_apply(T, t, merge, w, l, now, KEYS[1], KEYS[3], ARGV[9], ARGV[8], '[]')
if e.again then
    seen_claim(e.again, now, e.again_print,
        table.concat({merge, 'contact_' .. w, 'contact_' .. l}, ' '))
end
return {0, merge, 'contact_' .. w, 'contact_' .. l}
