-- :events events in :towns towns, held over the days of 2026, as many in one town as in another. Row n is in town n % :towns.
\set ON_ERROR_STOP on
SELECT '00000000-0000-7000-8000-' AS id \gset
SET search_path = event;
TRUNCATE events, held_events;
INSERT INTO events (town, event, title, description, kind, mechanism, organisers, place, start_time, end_time, capacity,
                    audience, state, cancel_reason, late_reason, corrections, create_time, update_time, etag)
SELECT town, event, '平安大宣讲第' || n || '场', '', 1 + n % 8, 1 + n % 8, ARRAY['towns/' || town || '/units/' || town || '005'],
       '\x0a18e99a86e585b4e7a4bee58cbae69687e58c96e7a4bce5a082'::bytea, start, start + interval '50 min', 1000000, 0, 3, '', '', 0,
       '2026-01-01', '2026-01-01', 2
FROM (SELECT t + k * :towns AS n, (330000000 + t)::text AS town, (:'id' || lpad(to_hex(t + k * :towns), 12, '0'))::uuid AS event,
             '2026-01-01'::timestamptz + interval '365 days' * k / (:events / :towns) AS start
      FROM generate_series(0, :towns - 1) t, generate_series(0, :events / :towns - 1) k) numbered;
INSERT INTO held_events (town, event, title, kind, mechanism, organisers, day, attendance, late, corrected, counted)
SELECT town, event, title, kind, mechanism, organisers, start_time::date, 20, false, false, true FROM events;
VACUUM ANALYZE events;
VACUUM ANALYZE held_events;
