-- lib/resolve.lua: the id of a contact that was merged away names the one it is part of now.

-- The contact that answers to c, bare, and the text of an index that would lead to it by c
-- (lib/identity.lua); nil when there is none.
local function contact_resolve(T, c)
    local path = 'contact_' .. c
    for _ = 1, 16 do
        if redis.call('EXISTS', 'crm_contact_' .. T .. c) == 1 then return c, path end
        local winner = redis.call('GET', 'crm_contact_merged_' .. T .. c)
        if not winner then return nil end
        c, path = string.sub(winner, 9), winner .. ' ' .. path
    end
end
