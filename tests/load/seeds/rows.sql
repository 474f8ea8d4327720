-- Rows for the loads, put in past the services: row n of :rows in town n of :towns. Run once per schema.
\set ON_ERROR_STOP on
SELECT '00000000-0000-7000-8000-' AS id \gset
SET search_path = event;
INSERT INTO events (town, event, title, description, kind, mechanism, organisers, place, start_time, end_time, capacity,
                    audience, state, cancel_reason, late_reason, corrections, create_time, update_time, etag)
SELECT (330000000 + n % :towns)::text, (:'id' || lpad(to_hex(n), 12, '0'))::uuid, '平安大宣讲第' || n || '场', '', 1, 5,
       ARRAY['towns/' || (330000000 + n % :towns) || '/units/' || (330000000 + n % :towns) || '005'],
       '\x0a18e99a86e585b4e7a4bee58cbae69687e58c96e7a4bce5a082'::bytea,
       '2027-01-01'::timestamptz + n * interval '1 hour', '2027-01-01'::timestamptz + n * interval '1 hour' + interval '50 min',
       1000000, 0, 2, '', '', 0, '2026-01-01', '2026-01-01', 2
FROM generate_series(0, :rows - 1) n;
ANALYZE events;
SET search_path = volunteer;
INSERT INTO rosters (town, roster, title, organisers, start_time, end_time, audience, state, capacity, confirmed, waiting,
                     last_rank, event_revision)
SELECT (330000000 + n % :towns)::text, (:'id' || lpad(to_hex(n), 12, '0'))::uuid, '平安大宣讲第' || n || '场',
       ARRAY['towns/' || (330000000 + n % :towns) || '/units/' || (330000000 + n % :towns) || '005'],
       '2027-01-01'::timestamptz + n * interval '1 hour', '2027-01-01'::timestamptz + n * interval '1 hour' + interval '50 min',
       0, 1, :capacity, 0, 0, 0, 2
FROM generate_series(0, :rows - 1) n;
ANALYZE rosters;
SET search_path = exchange;
-- Resources of one enterprise, which it offers to one village; its workers are the first 200 people.
SELECT 'towns/330000000/units/330000000005' AS village, 'towns/330000000/enterprises/' || :'id' || '0000000000ff' AS firm \gset
INSERT INTO listings (town, listing, direction, party, category, mechanism, title, description, quantity, measure, state, released,
                      committed, delivered, confirmed, lost, remaining, fulfilment, close_reason, awaiting_release, create_time,
                      update_time, etag)
SELECT '330000000', (:'id' || lpad(to_hex(n), 12, '0'))::uuid, 1, :'firm', 3, 2, '灭火器第' || n || '批', '', 1000000000, 2, 2, true,
       0, 0, 0, 0, 1000000000, 1, '', false, '2026-01-01', '2026-01-01', 2
FROM generate_series(0, :rows - 1) n;
INSERT INTO matches (town, match, resource, giver, receiver, quantity, words, measure, mechanism, title, state, proposer,
                     giver_agreed, receiver_agreed, delivered, confirmed, lost, cancelled, reason, create_time, update_time, etag)
SELECT '330000000', (:'id' || lpad(to_hex(n), 12, '0'))::uuid, (:'id' || lpad(to_hex(n % :rows), 12, '0'))::uuid, :'firm',
       :'village', 1, '', 2, 2, '灭火器', 1, :'firm', true, false, 0, 0, 0, 0, '', '2026-01-01', '2026-01-01', 1
FROM generate_series(1, :matches) n;
INSERT INTO grants (town, id, person, role, scope, active)
SELECT '330000000', (:'id' || lpad(to_hex(n), 12, '0'))::uuid, (:'id' || lpad(to_hex(n), 12, '0'))::uuid, 4, :'village', true
FROM generate_series(0, 199) n;
ANALYZE listings;
ANALYZE matches;
