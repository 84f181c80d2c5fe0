-- lib/search.lua: the words by which a contact is found, as they stand in crm_search (KEYS.md): its
-- e-mail, the digits of its phone, its folded names. Whoever changes one of those fields reads the
-- text before and after, and has the difference written.

local SEARCH_WORDS = 12 -- of a contact
local SEARCH_BYTES = 64 -- of a word

-- The text of a contact, '' when it does not exist.
local function search_read(T, c)
    local row = redis.call('HMGET', 'crm_contact_' .. T .. c, 'email', 'phone', 'search_first',
        'search_last')
    local phone = string.gsub(row[2] or '', '^%+', '')
    return table.concat({row[1] or '', phone, row[3] or '', row[4] or ''}, ' ')
end

-- The words of a text, each once: a list, and a set as well. Long ones are cut, but not within a
-- character.
local function search_words(text)
    local words = {}
    for word in string.gmatch(text, '[^ ]+') do
        local n = math.min(#word, SEARCH_BYTES)
        while string.find(word, '^[\128-\191]', n + 1) do n = n - 1 end
        word = string.sub(word, 1, n)
        if not words[word] and #words < SEARCH_WORDS then
            words[#words + 1] = word
            words[word] = true
        end
    end
    return words
end

local function search_update(t, c, before, after)
    local old, new = search_words(before), search_words(after)
    local gone, come = {}, {}
    for _, word in ipairs(old) do
        if not new[word] then gone[#gone + 1] = word .. ':' .. c end
    end
    for _, word in ipairs(new) do
        if not old[word] then come[#come + 1], come[#come + 2] = 0, word .. ':' .. c end
    end
    if gone[1] then redis.call('ZREM', 'crm_search' .. t, unpack(gone)) end
    if come[1] then redis.call('ZADD', 'crm_search' .. t, unpack(come)) end
end
