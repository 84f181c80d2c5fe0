-- lib/identity.lua: which contact a set of identities belongs to: strongest first, with veto
-- (ARCHITECTURE.md). Reads only; what has to be written is in the plan it returns.

-- names[i], values[i], keys[i]: an identity's word, canonical text and index key, strongest first.
-- read(c): the contact's fields, a table that has at least those of `names`; nil when it is gone.
-- Returns a plan:
--   c, contact   the contact found and its fields, or nil
--   index        {i, …}: identities to be indexed to the winner, or nil
--   shared       {{i, c2}, …}: identities whose index stays with another contact c2, or nil
local function identity_resolve(names, values, keys, read)
    local plan = {}
    local function add(list, item)
        plan[list] = plan[list] or {}
        table.insert(plan[list], item)
    end
    local first = #names + 1
    for i = 1, #names do
        local id = redis.call('GET', keys[i])
        if id then
            local c = string.sub(id, 9)
            local contact = read(c)
            local veto = contact == nil
            for j = 1, i - 1 do
                local theirs = contact and contact[names[j]]
                if theirs and theirs ~= values[j] then veto = true end
            end
            if not veto then
                plan.c, plan.contact, first = c, contact, i
                break
            end
            if contact then
                add('shared', {i, c})
            else
                add('index', i) -- an index without its contact is taken over
            end
        else
            add('index', i)
        end
    end
    for i = first + 1, #names do
        -- The contact's own field says that its index is in place; only a new value is asked for.
        if plan.contact[names[i]] ~= values[i] then
            local id = redis.call('GET', keys[i])
            if not id then
                add('index', i)
            elseif string.sub(id, 9) ~= plan.c then
                add('shared', {i, string.sub(id, 9)})
            end
        end
    end
    return plan
end

local function identity_write(T, names, keys, plan, c)
    if plan.index then
        local aliases = {}
        for _, i in ipairs(plan.index) do
            redis.call('SET', keys[i], 'contact_' .. c)
            -- The alias holds what follows the index's prefix: erase and merge find the key by it.
            local prefix = 'crm_contact_' .. names[i] .. '_' .. T
            aliases[#aliases + 1] = names[i] .. ':' .. string.sub(keys[i], #prefix + 1)
        end
        redis.call('SADD', 'crm_contact_alias_' .. T .. c, unpack(aliases))
    end
    for _, pair in ipairs(plan.shared or {}) do
        local i, other = pair[1], pair[2]
        local prefix = 'crm_contact_' .. names[i] .. '_' .. T
        local value = string.sub(keys[i], #prefix + 1)
        redis.call('SADD', 'crm_contact_shared_' .. T .. names[i] .. ':' .. value, c, other)
    end
end
