-- Pairings with their history and promises, what two parties did together, and what is followed from directory.

CREATE TABLE pairings (
  town text COLLATE "C" NOT NULL,
  pairing uuid NOT NULL,
  enterprise uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  enterprise_responsible uuid,
  unit_responsible uuid,
  state smallint NOT NULL,
  proposer text NOT NULL,
  start_date date,
  end_date date,
  terms int NOT NULL,
  open boolean NOT NULL,
  reason text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, pairing)
);
-- Two parties have at most one open pairing. The head lock keeps it so; this tells whoever goes past it.
CREATE UNIQUE INDEX pairings_open ON pairings (town, enterprise, unit) WHERE open;
CREATE INDEX pairings_by_end ON pairings (town, end_date, pairing) WHERE open;

CREATE TABLE transitions (
  town text COLLATE "C" NOT NULL,
  pairing uuid NOT NULL,
  transition uuid NOT NULL,
  from_state smallint NOT NULL,
  to_state smallint NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  end_date date,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, pairing, transition)
);

CREATE TABLE commitments (
  town text COLLATE "C" NOT NULL,
  pairing uuid NOT NULL,
  commitment uuid NOT NULL,
  mechanism smallint NOT NULL,
  measure smallint NOT NULL,
  event_kind smallint NOT NULL,
  title text NOT NULL,
  times int NOT NULL CHECK (times > 0),
  period smallint NOT NULL,
  enterprise_responsible uuid,
  unit_responsible uuid,
  start_date date,
  end_date date,
  end_reason text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, pairing, commitment)
);

-- What counts for commitments. Followed from event and exchange, so that a correction there is one here.
CREATE TABLE deeds (
  town text COLLATE "C" NOT NULL,
  deed uuid NOT NULL,
  enterprise uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  source text NOT NULL,
  measure smallint NOT NULL,
  mechanism smallint NOT NULL,
  event_kind smallint NOT NULL,
  title text NOT NULL,
  day date NOT NULL,
  PRIMARY KEY (town, deed, enterprise, unit)
);
CREATE INDEX deeds_of_pair ON deeds (town, enterprise, unit, day, deed);

-- Followed from directory.
CREATE TABLE units (
  town text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  successor text NOT NULL,
  PRIMARY KEY (town, unit)
);
CREATE TABLE enterprises (
  town text COLLATE "C" NOT NULL,
  enterprise uuid NOT NULL,
  PRIMARY KEY (town, enterprise)
);
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
