-- lib/resolve.lua: the id of a contact that was merged away names the one it is part of now.

-- The contact that answers to c, bare; nil when there is none.
local function contact_resolve(T, c)
    for _ = 1, 16 do
        if redis.call('EXISTS', 'crm_contact_' .. T .. c) == 1 then return c end
        local winner = redis.call('GET', 'crm_contact_merged_' .. T .. c)
        if not winner then return nil end
        c = string.sub(winner, 9)
    end
end
