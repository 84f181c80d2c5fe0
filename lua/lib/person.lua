-- lib/person.lua: what a capture writes to the person it belongs to: identities, session, contact,
-- and the contact's sides when it was merged. Needs lib/identity.lua, lib/session.lua,
-- lib/session_write.lua, lib/capture.lua.

-- p: who it is:
--   c, path, plan           the contact, the text of its index, the plan of lib/identity.lua
--   names, values, keys     identities of the call
--   created, n              the contact is made now, with this number
--   sides, keep_side        its other records (lib/sides.lua) and what keeps them, or nil
--   session, session_keep   session of the call, or ''; seconds that it lives on: what was done in
--                           it while it was nobody's becomes the contact's
-- o: what it gets, as contact_capture wants it. day: key of the day's counters.
local function person_write(T, t, p, o, now, day)
    local visits, activities = session_open(T, p.session, now, p.session_keep), {}
    for i = 1, visits and #visits or 0, 2 do
        activities[i], activities[i + 1] = visits[i + 1], visits[i]
    end
    for i = 1, #o.activities do activities[#activities + 1] = o.activities[i] end
    o.activities, o.created, o.n = activities, p.created, p.n
    o.names, o.values = o.names or p.names, p.values
    if visits then session_link(T, p.session, p.c, p.path, p.sides, now, p.session_keep) end
    if p.plan.index or p.plan.apart then
        identity_write(T, t, p.names, p.keys, p.plan, p.c, p.path, p.sides, now)
    end
    local from, to = contact_capture(T, t, p.c, p.plan.contact or {}, o, now)
    for _, side in ipairs(p.sides or {}) do
        contact_capture(T, t, side, capture_read(T, side), o, now)
        p.keep_side(T, side)
    end
    contact_listed(T, t, p.c, p.created, from, to, now, day)
end
