-- events.lua: what wrk sends for bench/run, as the booking site's integration writes it; one thread.
--
-- BENCH_WHAT=mix    ROWS below, 500 bytes each, without end; half of them name an event_id
-- BENCH_WHAT=known  one event of each of the BENCH_PEOPLE people whom mix takes for known
-- BENCH_WHAT=fill   20 activities, three identities and two tasks for each of BENCH_PEOPLE people
-- BENCH_WHAT=ping   nothing of its own: the URL of the command line again and again
-- BENCH_BASE        where the numbers begin that make event ids, bookings and new people unique
--
-- Such a number has 12 digits, and follows "event-", "booking-" or "new-": by that bench/load.py finds it
-- again in what Redis was sent. known and fill end wrk themselves when everything is answered.
--
-- SPDX-License-Identifier: MIT
local ffi = require('ffi')
ffi.cdef('struct bench_time { long s, us; }; int gettimeofday(struct bench_time *now, void *zone);')

local WHAT = os.getenv('BENCH_WHAT') or 'mix'
local PEOPLE = tonumber(os.getenv('BENCH_PEOPLE') or 10000)
local PATH = '/functions/v1/make-server-b43c05fb/track-event'
local CONNECTIONS = 64

local number = tonumber(os.getenv('BENCH_BASE') or 0)
math.randomseed(number + 1)

local function next_number()
    number = number + 1
    return string.format('%012d', number)
end

-- Now, as the browser writes it; the seconds' text is made once a second.
local clock, second, second_text = ffi.new('struct bench_time'), 0, ''
local function timestamp()
    ffi.C.gettimeofday(clock, nil)
    local s = tonumber(clock.s)
    if s ~= second then
        second, second_text = s, os.date('!%Y-%m-%dT%H:%M:%S.', s)
    end
    return string.format('%s%03dZ', second_text, tonumber(clock.us) / 1000)
end

-- People ------------------------------------------------------------------------------------------

local function customer_text(id, extra)
    return '"customer":{"id":"' .. id .. '","email":"' .. id .. '@example.com","name":"Jane Doe"'
        .. (extra or '') .. '}'
end

local AGENT = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15'
local customers, sessions = {}, {}
for i = 1, PEOPLE do
    local phone = WHAT == 'fill' and string.format(',"phone":"+1555%07d"', i) or ''
    customers[i] = customer_text(string.format('person-%06d', i), phone)
    sessions[i] = string.format('"session":{"session_id":"sess_1762855200000_%09d","device":"mobile",'
        .. '"browser":"Safari","user_agent":"%s"}', i, AGENT)
end

-- Events ------------------------------------------------------------------------------------------

local CARS = {'Toyota Camry', 'Ford Focus', 'Kia Sportage', 'Fiat 500', 'Volvo V60', 'Honda Civic',
    'Skoda Octavia', 'Mini Cooper', 'Opel Corsa', 'Seat Leon'}
local CITIES = {'Airport', 'City Centre', 'Central Station', 'Harbour', 'Old Town', 'West End'}
local PAGES = {'/', '/fleet', '/offers/autumn', '/about', '/faq', '/contact', '/locations', '/blog'}

local function car(i)
    return string.format('"vehicle_id":"car_%03d","vehicle_name":"%s","vehicle_type":"sedan"', i,
        CARS[i % #CARS + 1])
end

-- One person looks at few cars and places: i is small and mostly the person's own.
local ROWS = {
    {22, 'page.viewed', function(i)
        return '"page":"' .. PAGES[i % #PAGES + 1] .. '","referrer":"https://www.example.com/"'
    end},
    {25, 'vehicle.viewed', function(i) return car(i) .. ',"daily_rate":45.00' end},
    {15, 'search.performed', function(i)
        return '"location":"' .. CITIES[i % #CITIES + 1]
            .. '","pickup_date":"2026-12-01","return_date":"2026-12-08","filters":{"type":"sedan"}'
    end},
    {10, 'booking.step_completed', function(i)
        return '"step":' .. i % 4 + 1 .. ',"step_name":"Extras and insurance",' .. car(i)
    end},
    {8, 'form.submitted', function(i) return '"form_type":"newsletter","form_id":"form_' .. i .. '"' end},
    {6, 'booking.started', function(i) return car(i) .. ',"estimated_total":450.00' end},
    {4, 'booking.abandoned', function(i) return car(i) .. ',"total_price":450.00,"step":2' end},
    {3, 'booking.completed', function(i)
        return '"booking_id":"booking-' .. next_number() .. '",' .. car(i) .. ',"total_amount":450.00'
    end},
    {2, 'payment.failed', function() return '"amount":450.00,"error":"card_declined"' end},
    {5, 'customer.created', function() return '"source":"website","newsletter":true' end},
}
local lots = {}
for _, row in ipairs(ROWS) do
    for _ = 1, row[1] do lots[#lots + 1] = row end
end

local function post(body)
    return 'POST ' .. PATH .. ' HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
        .. 'Content-Length: ' .. #body .. '\r\n\r\n' .. body
end

local function mixed()
    local row = lots[math.random(#lots)]
    local person = math.random(PEOPLE)
    local id = math.random(2) == 1 and '"event_id":"event-' .. next_number() .. '",' or ''
    local customer = customers[person]
    if row[2] == 'customer.created' then customer = customer_text('new-' .. next_number()) end
    return post('{"event_type":"' .. row[2] .. '",' .. id .. customer .. ',"event_data":{'
        .. row[3](person % 7 + math.random(3)) .. ',"timestamp":"' .. timestamp() .. '"},'
        .. sessions[person] .. '}')
end

-- A life in 20 events: 1 to 16 are plain, then a booking is begun, left, and a payment fails. All people
-- take each step before anybody takes the next one, for one person's events must not overtake each other.
local LIFE = {[17] = ROWS[6], [18] = ROWS[7], [19] = ROWS[9], [20] = ROWS[3]}

local function filling(n)
    local person, step = (n - 1) % PEOPLE + 1, math.floor((n - 1) / PEOPLE) + 1
    local row = LIFE[step] or ROWS[step % 3 + 1]
    return post('{"event_type":"' .. row[2] .. '",' .. customers[person] .. ',"event_data":{'
        .. row[3](person % 7 + step % 3) .. '},"session":{"session_id":"sess_1762855200000_'
        .. string.format('%09d', person) .. '"}}')
end

local function first(n)
    return post('{"event_type":"customer.login",' .. customers[n] .. ',"event_data":{},' .. sessions[n]
        .. '}')
end

-- Requests ----------------------------------------------------------------------------------------

-- A connection asks for its next request when it has the answer to the one before. So when a ping has
-- been asked for on behalf of every connection, several times over, all the events are answered.
local PING = 'GET /v1/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
local LAST = {known = PEOPLE, fill = PEOPLE * 20}
local made = -1 -- wrk asks once before it starts, to look at the request only

local function limited()
    made = made + 1
    if made == 0 then return PING end
    if made > LAST[WHAT] + 8 * CONNECTIONS then os.exit(0) end
    if made > LAST[WHAT] then return PING end
    return WHAT == 'fill' and filling(made) or first(made)
end

request = ({mix = mixed, known = limited, fill = limited})[WHAT]

function done(summary, latency)
    local e = summary.errors
    print(string.format('bench %d %d %d %.0f %.0f', summary.requests, summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50),
        latency:percentile(99)))
end
