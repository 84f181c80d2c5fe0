-- lib/bytes.lua: texts in the order of their bytes, which is that of sorted sets. Lua's own "<"
-- goes by the language of the machine that Redis runs on.

local function bytes_before(a, b)
    for i = 1, math.min(#a, #b) do
        local x, y = string.byte(a, i), string.byte(b, i)
        if x ~= y then return x < y end
    end
    return #a < #b
end
