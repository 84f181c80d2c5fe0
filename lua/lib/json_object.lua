-- lib/json_object.lua: changing single members of a JSON object and keeping all others byte for
-- byte. Both texts were checked when they came in (model/json.h): here they are only stepped over.

-- Behind the string whose first quote is at `at`.
local function json_string_end(text, at)
    repeat
        at = string.find(text, '["\\]', at + 1)
        local escapes = string.byte(text, at) == 92
        if escapes then at = at + 1 end
    until not escapes
    return at + 1
end

-- Behind the value that begins at `at`.
local function json_value_end(text, at)
    local depth = 0
    repeat
        local first = string.sub(text, at, at)
        if first == '"' then
            at = json_string_end(text, at)
        elseif first == '{' or first == '[' then
            depth, at = depth + 1, at + 1
        elseif first == '}' or first == ']' then
            depth, at = depth - 1, at + 1
        else
            at = string.find(text, depth == 0 and '[%s,}]' or '["{}%[%]]', at + 1) or #text + 1
        end
    until depth == 0
    return at
end

-- {{name, "name":value as JSON, is null}, …}
local function json_members(object)
    local members, at = {}, string.find(object, '"', 1, true)
    while at do
        local name_end = json_string_end(object, at)
        local quoted = string.sub(object, at, name_end - 1)
        local from = string.find(object, '[^%s:]', name_end)
        local to = json_value_end(object, from)
        local value = string.sub(object, from, to - 1)
        members[#members + 1] = {cjson.decode('[' .. quoted .. ']')[1], quoted .. ':' .. value,
            value == 'null'}
        at = string.find(object, '"', to, true)
    end
    return members
end

-- The object with the members of `changes`; those that are null there are removed.
local function json_merged(object, changes)
    local texts, places = {}, {}
    for place, member in ipairs(json_members(object)) do
        texts[place], places[member[1]] = member[2], place
    end
    for _, member in ipairs(json_members(changes)) do
        local name, text, is_null = unpack(member)
        places[name] = places[name] or #texts + 1
        texts[places[name]] = is_null and '' or text
    end
    local kept = {}
    for _, text in ipairs(texts) do
        if text ~= '' then kept[#kept + 1] = text end
    end
    return '{' .. table.concat(kept, ',') .. '}'
end
