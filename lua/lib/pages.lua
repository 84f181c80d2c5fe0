-- lib/pages.lua: one page of several sorted sets at once, as if they were one. Needs lib/page.lua.

-- keys[first…]: the sets; a member is in one of them. The rest as page_read.
local function pages_read(keys, first, reverse, after_score, after_member, limit)
    if first == #keys then
        return page_read(keys[first], reverse, '+inf', after_score, after_member, limit)
    end
    local pairs_found = {}
    for i = first, #keys do
        local page = page_read(keys[i], reverse, '+inf', after_score, after_member, limit)
        for j = 1, #page, 2 do
            pairs_found[#pairs_found + 1] = {page[j], page[j + 1], tonumber(page[j + 1])}
        end
    end
    table.sort(pairs_found, function(a, b)
        if reverse then a, b = b, a end
        if a[3] ~= b[3] then return a[3] < b[3] end
        return bytes_before(a[1], b[1])
    end)
    local page = {}
    for i = 1, math.min(limit, #pairs_found) do
        page[2 * i - 1], page[2 * i] = pairs_found[i][1], pairs_found[i][2]
    end
    return page
end
