-- Events, what numbers are made of, and what is followed from directory.

CREATE TABLE events (
  town text COLLATE "C" NOT NULL,
  event uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  kind smallint NOT NULL,
  mechanism smallint NOT NULL,
  organisers text[] NOT NULL,
  place bytea,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  capacity int NOT NULL CHECK (capacity >= 0),
  audience smallint NOT NULL,
  sign_up_open_time timestamptz,
  sign_up_close_time timestamptz,
  state smallint NOT NULL,
  outcome bytea,
  cancel_reason text NOT NULL,
  late_reason text NOT NULL,
  co_building_day uuid,
  corrections int NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, event)
);
-- Lists go by start; the key breaks ties and ends the page.
CREATE INDEX events_by_start ON events (town, start_time, event);

-- One row per held event with the facts as they are counted today: the event's own until a correction.
CREATE TABLE held_events (
  town text COLLATE "C" NOT NULL,
  event uuid NOT NULL,
  title text NOT NULL,
  kind smallint NOT NULL,
  mechanism smallint NOT NULL,
  organisers text[] NOT NULL,
  day date NOT NULL,
  attendance int NOT NULL,
  late boolean NOT NULL,
  corrected boolean NOT NULL,
  counted boolean NOT NULL,
  PRIMARY KEY (town, event)
);
CREATE INDEX held_events_by_day ON held_events (town, day, event) WHERE counted;

CREATE TABLE corrections (
  town text COLLATE "C" NOT NULL,
  event uuid NOT NULL,
  correction uuid NOT NULL,
  reason text NOT NULL,
  kind smallint,
  mechanism smallint,
  organisers text[] NOT NULL,
  day date,
  attendance int,
  not_held boolean NOT NULL,
  corrector uuid,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, event, correction)
);

CREATE TABLE co_building_days (
  town text COLLATE "C" NOT NULL,
  co_building_day uuid NOT NULL,
  day date NOT NULL,
  organisers text[] NOT NULL,
  events text[] NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, co_building_day)
);
CREATE INDEX co_building_days_by_day ON co_building_days (town, day, co_building_day);

-- Followed from directory.
CREATE TABLE towns (
  town text COLLATE "C" NOT NULL PRIMARY KEY,
  display_name text NOT NULL
);
CREATE TABLE units (
  town text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  display_name text NOT NULL,
  successor text NOT NULL,
  PRIMARY KEY (town, unit)
);
CREATE TABLE enterprises (
  town text COLLATE "C" NOT NULL,
  enterprise uuid NOT NULL,
  display_name text NOT NULL,
  PRIMARY KEY (town, enterprise)
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
