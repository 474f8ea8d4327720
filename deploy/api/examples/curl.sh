#!/bin/bash
# A conversation by curl and jq: curl.sh <edge> <phone>; asks for the code that arrives on the phone.
set -euo pipefail
edge=$1 phone=$2 town=towns/330481003

# A UUID of one's own for every change, to be kept when the change is tried again.
new_id() { cat /proc/sys/kernel/random/uuid; }
# post <path> <body>: as whoever is signed in. An answer other than 200 is an answer, too.
post() { curl -s "$edge$1" -H 'content-type: application/json' ${token:+-H "authorization: Bearer $token"} -d "$2"; }

curl -s "$edge/v1/$town/events:summarize" | jq -r .text

post /v1/auth:sendCode "{\"phone\": \"$phone\"}" > /dev/null
read -rp 'code: ' code
token=$(post /v1/auth:signIn "{\"phone\": \"$phone\", \"code\": \"$code\", \"town\": \"$town\"}" | jq -r .accessToken)
person='{"kind": "RESIDENT", "displayName": "王小明", "unit": "towns/330481003/units/330481003005"}'
# The answer's token names the person.
token=$(post "/v1/$town/people:register" "{\"person\": $person, \"requestId\": \"$(new_id)\"}" | jq -r .accessToken)

event=$(curl -s "$edge/v1/$town/events?state=PUBLISHED&pageSize=1" | jq -r '.events[0].name')
post "/v1/${event/events/rosters}/signUps" "{\"requestId\": \"$(new_id)\"}" | jq -r '"signed up: \(.state)"'

# Decide by the reason, show the words.
post "/v1/$event:publish" "{\"requestId\": \"$(new_id)\"}" |
  jq -r '.details | "refused: \(map(.reason // empty)[0]) \(map(select(.locale)).[0].message)"'
