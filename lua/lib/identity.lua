-- lib/identity.lua: which contact a set of identities belongs to: strongest first, with veto
-- (ARCHITECTURE.md). Reads only; what has to be written is in the plan it returns.
--
-- An index holds the contact's id, and behind it, when that contact took in others, the ids on the
-- way to the one that the identity came from: "contact_<winner> contact_<loser>" (lib/merge.lua).
-- A bare <c> has 13 characters.

local STRENGTH = {'ext', 'email', 'phone', 'wa'} -- strongest first
local VETO = {ext = 'veto_customer_id', email = 'veto_email'}

-- An identity that joins more contacts than this is no person's: an agency books for many with one
-- e-mail. What comes after is kept apart, for people to look at. (A merge stands with 64 characters
-- and a blank in the contact's field.)
local MERGES_MOST = 8
local function merges_of(contact) return math.ceil(#(contact.merges or '') / 65) end

-- Why a contact, found by an identity weaker than those of `by`, is somebody else: the stronger
-- identity of which it has another value; nil when there is none.
local function identity_rival(contact, strong, by)
    for _, name in ipairs(STRENGTH) do
        if name == strong then return nil end
        if contact[name] and contact[name] ~= by[name] then return name end
    end
end

-- names[i], values[i], keys[i]: an identity's word, canonical text and index key, strongest first.
-- read(c): the contact's fields, a table that has at least those of `names`; nil when it is gone.
-- Returns a plan:
--   c, contact   the contact found and its fields, or nil
--   path         the text of the index that found it
--   index        {i, …}: identities to be indexed to the winner, or nil
--   apart        {{i, c2, reason}, …}: identities whose index stays with another contact c2, or nil
--   merge        {{i, c2}, …}: contacts that are the winner, too, or nil
local function identity_resolve(T, names, values, keys, read)
    local plan = {}
    local function add(list, item)
        plan[list] = plan[list] or {}
        table.insert(plan[list], item)
    end
    local first = #names + 1
    for i = 1, #names do
        local id = redis.call('GET', keys[i])
        if id then
            local c = string.sub(id, 9, 21)
            local contact = read(c)
            local rival
            for j = 1, i - 1 do
                local theirs = contact and contact[names[j]]
                if theirs and theirs ~= values[j] then rival = names[j] end
            end
            if contact and not rival then
                plan.c, plan.contact, plan.path, first = c, contact, id, i
                break
            end
            if contact then
                add('apart', {i, c, VETO[rival]})
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
            local c = id and string.sub(id, 9, 21)
            if not id then
                add('index', i)
            elseif c ~= plan.c then
                local row = redis.call('HMGET', 'crm_contact_' .. T .. c,
                    'v', 'ext', 'email', 'apart', 'merges')
                if not row[1] then
                    add('index', i)
                else
                    local theirs = {ext = row[2], email = row[3]}
                    local ours = {ext = plan.contact.ext, email = plan.contact.email}
                    for j = 1, #names do ours[names[j]] = ours[names[j]] or values[j] end
                    local rival = identity_rival(theirs, names[i], ours)
                    if rival then
                        add('apart', {i, c, VETO[rival]})
                    elseif row[4] and string.find(row[4], plan.c, 1, true) then
                        add('apart', {i, c, 'undone'})
                    elseif merges_of(plan.contact) + merges_of({merges = row[5]})
                            >= MERGES_MOST then
                        add('apart', {i, c, 'many'})
                    else
                        add('merge', {i, c})
                    end
                end
            end
        end
    end
    return plan
end

-- path: what the indexes get. sides: the other records of this contact (lib/sides.lua), or nil.
local function identity_write(T, t, names, keys, plan, c, path, sides, now)
    local function value_of(i) -- what follows the index's prefix
        return string.sub(keys[i], #('crm_contact_' .. names[i] .. '_' .. T) + 1)
    end
    if plan.index then
        local aliases = {}
        for _, i in ipairs(plan.index) do
            redis.call('SET', keys[i], path)
            -- By the alias erase and merge find the key.
            aliases[#aliases + 1] = names[i] .. ':' .. value_of(i)
        end
        redis.call('SADD', 'crm_contact_alias_' .. T .. c, unpack(aliases))
        for _, side in ipairs(sides or {}) do
            redis.call('SADD', 'crm_contact_alias_' .. T .. side, unpack(aliases))
        end
    end
    for _, item in ipairs(plan.apart or {}) do
        local i, other, reason = unpack(item)
        redis.call('SADD', 'crm_contact_shared_' .. T .. names[i] .. ':' .. value_of(i), c, other)
        local list = 'crm_duplicate' .. t
        local pair = table.concat({other, c, names[i], reason, value_of(i)}, ' ')
        if redis.call('ZADD', list, 'NX', now, pair) == 1 then
            redis.call('ZREMRANGEBYRANK', list, 0, -10001)
        end
    end
end
