#!/usr/bin/env bash
# seed_001_scenario.sh: seed 001's own test, by curl and redis-cli alone: browse, start a booking, leave
# it, complete it; each step is then looked up over HTTP and in Redis.
#
#   tests/conformance/seed_001_scenario.sh http://127.0.0.1:8080 kvcrm-data/redis.sock [tag]
#
# tag: "{default}_" against a cluster-enabled Redis, else nothing.
#
# SPDX-License-Identifier: MIT
set -euo pipefail

base=$1 socket=$2 tag=${3:-}
email="john.$$.$RANDOM@example.com"
checks=0

track() { # track <event type> <event data>
    curl -sS --fail-with-body -X POST "$base/make-server-b43c05fb/track-event" \
        -H 'Content-Type: application/json' \
        -d '{"event_type":"'"$1"'","customer":{"id":"'"$email"'-id","email":"'"$email"'",
             "name":"John Doe"},"event_data":'"$2"',
             "session":{"session_id":"sess_abc123","device":"mobile","browser":"Chrome"}}' >/dev/null
}

get() { curl -sS --fail-with-body "$base$1"; }
cli() { redis-cli -s "$socket" "$@"; }

holds() { # holds <what> <text> <pattern>
    checks=$((checks + 1))
    if [[ $2 != *$3* ]]; then
        printf 'not so: %s\n  wanted: %s\n  got:    %s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
}

track search.performed '{"location":"Airport"}'
track vehicle.viewed '{"vehicle_id":"car_789","vehicle_name":"Toyota Camry"}'
track booking.started '{"vehicle_name":"Toyota Camry","estimated_total":450.00}'

id=$(cli GET "crm_contact_email_$tag$email")
holds 'the e-mail finds a contact' "$id" contact_
c=${id#contact_}
contact=$(get "/v1/contacts/$id")
holds 'the booking is in progress' "$contact" '"lead_status":"Hot Lead - Booking In Progress"'
holds 'what was viewed is known' "$contact" '"last_vehicle_viewed":"Toyota Camry"'
holds 'where was searched is known' "$contact" '"last_search_location":"Airport"'
holds 'the deal value is exact' "$contact" '"estimated_deal_value":450.00'
timeline=$(get "/v1/contacts/$id/timeline")
for type in search.performed vehicle.viewed booking.started; do
    holds "$type is in the timeline" "$timeline" "\"type\":\"$type\""
done
holds 'three activities in Redis' "$(cli ZCARD "crm_activity_$tag$c")" 3

track booking.abandoned '{"vehicle_name":"Toyota Camry","total_price":450.00}'
tasks=$(get "/v1/tasks?contact_id=$id")
holds 'there is an urgent task' "$tasks" '"title":"URGENT: Follow up - Abandoned Booking"'
holds 'it is urgent' "$tasks" '"priority":"urgent"'
task=$(cli ZRANGE "crm_contact_task_$tag$c" 0 0)
holds 'the task is open in Redis' "$(cli HGET "crm_task_$tag$task" status)" open
holds 'the status is seed 001'"'"'s' "$(cli HGET "crm_contact_$tag$c" lead_status)" hot_abandoned

track booking.completed '{"booking_id":"book_1","vehicle_name":"Toyota Camry","total_amount":450.00}'
contact=$(get "/v1/contacts/$id")
holds 'a customer now' "$contact" '"lead_status":"Customer - Active"'
holds 'the revenue counts' "$contact" '"total_revenue":450.00'
holds 'the booking counts' "$contact" '"total_bookings":1'
holds 'the urgent task has closed itself' "$(cli HGET "crm_task_$tag$task" status)" cancelled
holds 'money is an integer in Redis' \
    "$(cli HGET "crm_contact_$tag$c" total_revenue_cents)" 45000

echo "seed 001: $checks checks hold"
