#!lua flags=no-writes
-- contact_search: a page of the contacts that have a word with each of some beginnings.
-- @keys 2
-- KEYS[1]  change stream         KEYS[2]  words of all contacts
-- ARGV[1]  tag before, <T>       ARGV[2]  most rows                 ARGV[3]  change id the caller
--                                                                            has, or ""
-- ARGV[4]  last member that the page before has looked at, or ""
-- ARGV[5]  the beginning by which the words are gone through: best the longest
-- ARGV[6…] the others
-- Returns  {change id, {{field, value, …}, …}, more 0|1, last member looked at}; only {change id}
--          when the caller has that already
-- Errors   BADCURSOR
--
-- A contact has several words, maybe several that begin alike: it is listed at the first of those,
-- in the order of its own words, so no page needs to know the pages before. At most LOOK_AT times
-- as many members are looked at as rows are wanted: a page may be short, a script never long.
-- @include lib/search.lua
-- @include lib/change.lua

local T, limit, after, prefix = ARGV[1], tonumber(ARGV[2]), ARGV[4], ARGV[5]
local LOOK_AT = 4
local newest = change_id(KEYS[1])
if newest == ARGV[3] then return {newest} end
if after ~= '' and string.sub(after, 1, #prefix) ~= prefix then
    return redis.error_reply('BADCURSOR the position is in no such word')
end

local function first_word(words, beginning)
    for _, word in ipairs(words) do
        if string.sub(word, 1, #beginning) == beginning then return word end
    end
end

-- Is this the member by which the contact is listed, and has it all the other words?
local function is_wanted(member, c)
    local words = search_words(search_read(T, c))
    if (first_word(words, prefix) or '') .. ':' .. c ~= member then return false end
    for i = 6, #ARGV do
        if not first_word(words, ARGV[i]) then return false end
    end
    return true
end

local most = LOOK_AT * limit
local members = redis.call('ZRANGE', KEYS[2], after ~= '' and '(' .. after or '[' .. prefix,
    '(' .. prefix .. '\255', 'BYLEX', 'LIMIT', 0, most + 1)
local rows, more = {}, #members > most
for i = 1, math.min(#members, most) do
    local c = string.sub(members[i], -13)
    if is_wanted(members[i], c) then
        if #rows == limit then
            more = true
            break
        end
        rows[#rows + 1] = redis.call('HGETALL', 'crm_contact_' .. T .. c)
    end
    after = members[i]
end
return {newest, rows, more and 1 or 0, after}
