-- :drafts drafts from number :first on, and who may publish them: people 0 to 199, as workers of the village in their town.
\set ON_ERROR_STOP on
SELECT '00000000-0000-7000-8000-' AS id \gset
SET search_path = event;
INSERT INTO events (town, event, title, description, kind, mechanism, organisers, place, start_time, end_time, capacity,
                    audience, state, cancel_reason, late_reason, corrections, create_time, update_time, etag)
SELECT (330000000 + n % :towns)::text, (:'id' || lpad(to_hex(n), 12, '0'))::uuid, '平安大宣讲第' || n || '场', '', 1, 5,
       ARRAY['towns/' || (330000000 + n % :towns) || '/units/' || (330000000 + n % :towns) || '005'],
       '\x0a18e99a86e585b4e7a4bee58cbae69687e58c96e7a4bce5a082'::bytea,
       '2027-01-01'::timestamptz + n * interval '1 hour', '2027-01-01'::timestamptz + n * interval '1 hour' + interval '50 min',
       1000000, 0, 1, '', '', 0, '2026-01-01', '2026-01-01', 1
FROM generate_series(:first, :first + :drafts - 1) n;
INSERT INTO grants (town, id, person, role, scope, active)
SELECT (330000000 + p % :towns)::text, (:'id' || lpad(to_hex(p), 12, '0'))::uuid, (:'id' || lpad(to_hex(p), 12, '0'))::uuid, 4,
       'towns/' || (330000000 + p % :towns) || '/units/' || (330000000 + p % :towns) || '005', true
FROM generate_series(0, 199) p;
ANALYZE events;
ANALYZE grants;
