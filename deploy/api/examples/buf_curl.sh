#!/bin/bash
# The conversation by gRPC, with buf curl and jq: buf_curl.sh <edge> <phone>; $API names the compiled API (api.binpb).
set -euo pipefail
edge=$1 phone=$2 town=towns/330481003

new_id() { cat /proc/sys/kernel/random/uuid; }
# call <service/method> <request>: prints the answer; of a refusal buf prints its status, with the details, as JSON.
call() {
  buf curl --schema "$API" --protocol grpc --http2-prior-knowledge ${token:+-H "authorization: Bearer $token"} \
    -d "$2" "$edge/pingan.$1" 2>&1 || true
}

call event.v1.EventService/SummarizeEvents "{\"parent\": \"$town\"}" | jq -r .text

call directory.v1.AuthService/SendCode "{\"phone\": \"$phone\"}" > /dev/null
read -rp 'code: ' code
token=$(call directory.v1.AuthService/SignIn "{\"phone\": \"$phone\", \"code\": \"$code\", \"town\": \"$town\"}" | jq -r .accessToken)
person='{"kind": "RESIDENT", "displayName": "王小明", "unit": "towns/330481003/units/330481003005"}'
token=$(call directory.v1.PeopleService/Register "{\"parent\": \"$town\", \"person\": $person, \"requestId\": \"$(new_id)\"}" | jq -r .accessToken)

event=$(call event.v1.EventService/ListEvents "{\"parent\": \"$town\", \"state\": \"PUBLISHED\", \"pageSize\": 1}" | jq -r '.events[0].name')
call volunteer.v1.VolunteerService/CreateSignUp "{\"parent\": \"${event/events/rosters}\", \"requestId\": \"$(new_id)\"}" |
  jq -r '"signed up: \(.state)"'

call event.v1.EventService/PublishEvent "{\"name\": \"$event\", \"requestId\": \"$(new_id)\"}" |
  jq -r '.details | "refused: \(map(.debug.reason // empty)[0]) \(map(select(.debug.locale))[0].debug.message)"'
