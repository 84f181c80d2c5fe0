-- lib/seen.lua: an id's first answer, remembered: the same id again gets it back (crm_seen).
-- Value: "<ms> <fingerprint> <answer>". An id is new again when its window is over by the service's
-- clock; the key's TTL only cleans up. keep_ms: the window, when it is not a day.

local SEEN_MS = 86400000

-- What to do with a stored value: nil = the id is new; an answer to repeat; or false = same id,
-- another request.
local function seen_read(stored, now, fingerprint, keep_ms)
    if not stored then return nil end
    local at, print, answer = string.match(stored, '^(%d+) (%S+) (.*)$')
    if not at or tonumber(now) - tonumber(at) >= (keep_ms or SEEN_MS) then return nil end
    if print ~= fingerprint then return false end
    return answer
end

-- The first write of a script: claims the id for this answer. Returns nil when it is ours now;
-- otherwise as seen_read, and then nothing may be written.
local function seen_claim(key, now, fingerprint, answer, keep_ms)
    local value = now .. ' ' .. fingerprint .. ' ' .. answer
    local stored = redis.call('SET', key, value, 'NX', 'GET', 'PX', keep_ms or SEEN_MS)
    local before = seen_read(stored, now, fingerprint, keep_ms)
    if stored and before == nil then
        -- left over from a window that has ended
        redis.call('SET', key, value, 'PX', keep_ms or SEEN_MS)
    end
    return before
end

-- What a script returns for an id that is known: the first answer, its words as an array behind 1.
local function seen_repeat(before)
    if before == false then
        return redis.error_reply('MISMATCH the key was used with another request')
    end
    local parts = {1}
    for part in string.gmatch(before, '%S+') do parts[#parts + 1] = part ~= '-' and part or '' end
    return parts
end
