-- Listings, matches, their ledger, and what is followed from directory and pairing.

CREATE TABLE listings (
  town text COLLATE "C" NOT NULL,
  listing uuid NOT NULL,
  direction smallint NOT NULL,
  party text COLLATE "C" NOT NULL,
  category smallint NOT NULL,
  mechanism smallint NOT NULL,
  title text COLLATE "C" NOT NULL,
  description text NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  measure smallint NOT NULL,
  start_date date,
  end_date date,
  release_time timestamptz,
  state smallint NOT NULL,
  released boolean NOT NULL,
  committed bigint NOT NULL CHECK (committed >= 0),
  delivered bigint NOT NULL,
  confirmed bigint NOT NULL,
  lost bigint NOT NULL,
  remaining bigint NOT NULL CHECK (remaining >= 0),
  fulfilment smallint NOT NULL,
  close_reason text NOT NULL,
  awaiting_release boolean NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, listing)
);
-- What suggestions and plans look at.
CREATE INDEX listings_open ON listings (town, direction, category, measure, listing) WHERE state = 2 AND remaining > 0;
-- A party's own, and the rows of an import.
CREATE INDEX listings_of_party ON listings (town, party, direction, title, listing);
-- A town's next to release, and the towns that have any.
CREATE INDEX listings_awaiting_release ON listings (town, release_time, listing) WHERE awaiting_release;
CREATE INDEX listings_to_release ON listings (release_time, town) WHERE awaiting_release;

CREATE TABLE matches (
  town text COLLATE "C" NOT NULL,
  match uuid NOT NULL,
  need uuid,
  resource uuid,
  giver text COLLATE "C" NOT NULL,
  receiver text COLLATE "C" NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  words text NOT NULL,
  measure smallint NOT NULL,
  mechanism smallint NOT NULL,
  title text NOT NULL,
  state smallint NOT NULL,
  proposer text NOT NULL,
  giver_agreed boolean NOT NULL,
  receiver_agreed boolean NOT NULL,
  delivered bigint NOT NULL,
  confirmed bigint NOT NULL,
  lost bigint NOT NULL,
  cancelled bigint NOT NULL,
  reason text NOT NULL,
  confirm_time timestamptz,
  giver_rating bytea,
  receiver_rating bytea,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, match),
  CHECK (delivered + cancelled <= quantity AND confirmed + lost <= delivered)
);
CREATE INDEX matches_of_need ON matches (town, need, state, match) WHERE need IS NOT NULL;
CREATE INDEX matches_of_resource ON matches (town, resource, state, match) WHERE resource IS NOT NULL;

-- The ledger: rows are only ever added.
CREATE TABLE lines (
  town text COLLATE "C" NOT NULL,
  match uuid NOT NULL,
  line uuid NOT NULL,
  kind smallint NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  words text NOT NULL,
  writer uuid,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, match, line)
);

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

-- Followed from pairing.
CREATE TABLE pairings (
  town text COLLATE "C" NOT NULL,
  pairing uuid NOT NULL,
  enterprise text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  state smallint NOT NULL,
  PRIMARY KEY (town, pairing)
);
CREATE INDEX pairings_of_enterprise ON pairings (town, enterprise, state, pairing);
CREATE INDEX pairings_of_unit ON pairings (town, unit, state, pairing);
