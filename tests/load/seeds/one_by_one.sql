-- pgbench: the whole transaction of one sign-up, as a service without the town's writer would do it: lock the town's head,
-- look for a replay, read the roster and the person's sign-ups, write both, the two change rows, the stored answer, the head.
\set row random(0, :rows - 1)
\set person random(1, 1000000000000)
\set town 330000000 + :row % :towns
BEGIN;
SELECT seq FROM heads WHERE tenant = (:town)::text FOR UPDATE;
SELECT hash, answer FROM requests WHERE tenant = (:town)::text AND actor = 'towns/' || :town || '/people/' || lpad(to_hex((:person)::bigint), 12, '0')
  AND request_id = ('00000000-0000-7000-8000-' || lpad(to_hex((:person)::bigint), 12, '0'))::uuid;
SELECT * FROM rosters WHERE town = (:town)::text AND roster = ('00000000-0000-7000-8000-' || lpad(to_hex((:row)::bigint), 12, '0'))::uuid;
SELECT * FROM sign_ups WHERE town = (:town)::text AND person = ('00000000-0000-7000-9000-' || lpad(to_hex((:person)::bigint), 12, '0'))::uuid AND end_time > '2026-11-23';
UPDATE rosters SET confirmed = confirmed + 1, last_rank = last_rank + 1
  WHERE town = (:town)::text AND roster = ('00000000-0000-7000-8000-' || lpad(to_hex((:row)::bigint), 12, '0'))::uuid;
INSERT INTO sign_ups (town, person, roster, state, rank, start_time, end_time, create_time)
  VALUES ((:town)::text, ('00000000-0000-7000-9000-' || lpad(to_hex((:person)::bigint), 12, '0'))::uuid,
          ('00000000-0000-7000-8000-' || lpad(to_hex((:row)::bigint), 12, '0'))::uuid, 1, 1, '2027-01-01', '2027-01-01 00:50', '2026-11-23');
INSERT INTO changes (tenant, seq, id, time, actor, method, name, type, body)
  SELECT h.tenant, h.seq + k, gen_random_uuid(), '2026-11-23', 'towns/' || :town || '/people/00000000-0000-7000-9000-000000000000',
         'pingan.volunteer.v1.VolunteerService.CreateSignUp', 'towns/' || :town || '/rosters/00000000-0000-7000-8000-000000000000',
         'pingan.volunteer.v1.SignUp.created', decode(repeat('00', 180), 'hex')
  FROM heads h, generate_series(1, 2) k WHERE h.tenant = (:town)::text;
INSERT INTO requests (tenant, actor, request_id, hash, answer, create_time)
  VALUES ((:town)::text, 'towns/' || :town || '/people/' || lpad(to_hex((:person)::bigint), 12, '0'),
          ('00000000-0000-7000-8000-' || lpad(to_hex((:person)::bigint), 12, '0'))::uuid, decode(repeat('00', 16), 'hex'),
          decode(repeat('00', 160), 'hex'), '2026-11-23');
UPDATE heads SET seq = seq + 2 WHERE tenant = (:town)::text;
COMMIT;
