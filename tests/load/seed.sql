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
