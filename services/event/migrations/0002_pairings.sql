-- Followed from pairing: who is paired with whom, and when.
CREATE TABLE pairings (
  town text COLLATE "C" NOT NULL,
  pairing uuid NOT NULL,
  enterprise uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  start_date date,
  end_date date,
  PRIMARY KEY (town, pairing)
);
