-- :sign_ups sign-ups, ten for each person, over the rosters that rows.sql made (:rows of them, at least ten in each of :towns
-- towns). Person p is in town p % :towns. Made in the order of the primary key, which is quicker than any other.
\set ON_ERROR_STOP on
SELECT '00000000-0000-7000-8000-' AS id \gset
SET search_path = volunteer;
INSERT INTO sign_ups (town, person, roster, state, rank, start_time, end_time, create_time)
SELECT (330000000 + t)::text, (:'id' || lpad(to_hex(t + k * :towns), 12, '0'))::uuid, (:'id' || lpad(to_hex(roster), 12, '0'))::uuid,
       1, 1 + k, '2027-01-01'::timestamptz + roster * interval '1 hour',
       '2027-01-01'::timestamptz + roster * interval '1 hour' + interval '50 min', '2026-01-01'
FROM (SELECT t, k, t + (k + j * (:rows / :towns / 10)) % (:rows / :towns) * :towns AS roster
      FROM generate_series(0, :towns - 1) t, generate_series(0, :sign_ups / :towns / 10 - 1) k, generate_series(0, 9) j) numbered;
UPDATE rosters SET confirmed = 10, last_rank = 10000000;
VACUUM ANALYZE sign_ups;
VACUUM ANALYZE rosters;
