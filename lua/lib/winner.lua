-- lib/winner.lua: who an id means by now: a contact that was merged is its winner.

local MERGES_IN_A_ROW = 16

local function contact_winner(T, c)
    for _ = 1, MERGES_IN_A_ROW do
        local id = redis.call('GET', 'crm_contact_merged_' .. T .. c)
        if not id then break end
        c = string.sub(id, 9)
    end
    return c
end
