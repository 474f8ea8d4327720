-- Rosters with their sign-ups, teams with their members, and what is followed from directory.

-- Counters change with every sign-up: room for HOT updates.
CREATE TABLE rosters (
  town text COLLATE "C" NOT NULL,
  roster uuid NOT NULL,
  title text NOT NULL,
  organisers text[] NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  sign_up_open_time timestamptz,
  sign_up_close_time timestamptz,
  audience smallint NOT NULL,
  state smallint NOT NULL,
  capacity int NOT NULL,
  confirmed int NOT NULL,
  waiting int NOT NULL CHECK (waiting >= 0),
  last_rank bigint NOT NULL,
  event_revision bigint NOT NULL,
  PRIMARY KEY (town, roster)
) WITH (fillfactor = 70);

-- The person comes first: one probe tells what somebody has signed up for.
CREATE TABLE sign_ups (
  town text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  roster uuid NOT NULL,
  state smallint NOT NULL,
  rank bigint NOT NULL,
  signed_up_by uuid,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  check_in_time timestamptz,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, person, roster)
);
-- What of a person's is not over yet. Partial, though the condition always holds: so PostgreSQL never takes these two for a
-- look-up by key, as it else does on tables without statistics.
CREATE INDEX sign_ups_by_end ON sign_ups (town, person, end_time) WHERE end_time IS NOT NULL;
-- The waiting line, and lists by rank.
CREATE INDEX sign_ups_in_line ON sign_ups (town, roster, state, rank, person) WHERE state IS NOT NULL;

CREATE TABLE teams (
  town text COLLATE "C" NOT NULL,
  team uuid NOT NULL,
  display_name text NOT NULL,
  kind smallint NOT NULL,
  party text COLLATE "C" NOT NULL,
  leader uuid NOT NULL,
  state smallint NOT NULL,
  size int NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, team)
);
CREATE INDEX teams_by_leader ON teams (town, leader, team);

CREATE TABLE members (
  town text COLLATE "C" NOT NULL,
  team uuid NOT NULL,
  person uuid NOT NULL,
  state smallint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (town, team, person)
);

-- Followed from directory: where people live and work, never their names.
CREATE TABLE people (
  town text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  enterprise text COLLATE "C" NOT NULL,
  erased boolean NOT NULL,
  PRIMARY KEY (town, person)
);
CREATE TABLE grants (
  town text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  person uuid NOT NULL,
  role smallint NOT NULL,
  scope text COLLATE "C" NOT NULL,
  active boolean NOT NULL,
  PRIMARY KEY (town, id)
);
CREATE INDEX grants_of_person ON grants (town, person, active, id);
