-- lib/settle.lua: what follows when the identities of a call name several contacts, or one that
-- was merged. Needs lib/sides.lua and lib/merge.lua.

-- Merges what a plan of lib/identity.lua merges, into `person`, and reads it again. ids: two, for
-- the merges. feed, day: keys. Returns what the caller is told, {"merged:<contact id>:<merge id>",
-- "apart:<identity>:<contact id>:<reason>", …}, and the person's sides, or nil.
local function identity_settle(T, t, plan, person, path, names, keys, ids, now, feed, day,
    read)
    local notes, evidence, done = {}, {}, {}
    for _, item in ipairs(plan.apart or {}) do
        notes[#notes + 1] = table.concat({'apart', names[item[1]], 'contact_' .. item[2], item[3]},
            ':')
    end
    for n, item in ipairs(plan.merge or {}) do
        local name, loser = names[item[1]], item[2]
        local value = string.sub(keys[item[1]], #('crm_contact_' .. name .. '_' .. T) + 1)
        evidence[n] = {kind = name, value = value, contact_id = 'contact_' .. loser}
    end
    for n, item in ipairs(plan.merge or {}) do
        local loser = item[2]
        if not done[loser] then
            done[loser] = true
            merge_apply(T, t, ids[n], person, loser, now, feed, day, 'auto', '',
                cjson.encode(evidence))
            notes[#notes + 1] = 'merged:contact_' .. loser .. ':' .. ids[n]
        end
    end
    if plan.merge then plan.contact = read(person) end
    local merges = plan.contact and plan.contact.merges
    return notes, merges and sides_of(T, merges, path)
end
