-- Towns, their units and enterprises, where enterprises belong and who leads what.

-- Also cities (330481000) and the country (000000000), whose officials are people of their own.
CREATE TABLE towns (
  town text COLLATE "C" NOT NULL PRIMARY KEY,
  display_name text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL
);

CREATE TABLE units (
  town text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  display_name text COLLATE "C" NOT NULL,
  parent_unit text COLLATE "C" NOT NULL,
  office_phone text NOT NULL,
  successor text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, unit)
);
-- A merge asks for the grids below, an import for a unit by its name.
CREATE INDEX units_below ON units (town, parent_unit, unit);
CREATE INDEX units_by_name ON units (town, display_name, unit);

CREATE TABLE enterprises (
  town text COLLATE "C" NOT NULL,
  enterprise uuid NOT NULL,
  display_name text NOT NULL,
  uscc text COLLATE "C" NOT NULL,
  above_scale boolean NOT NULL,
  address text NOT NULL,
  party_branch text NOT NULL,
  office_phone text NOT NULL,
  unit text COLLATE "C" NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, enterprise)
);
-- Rules refuse a code that is taken; this would stop a defect of theirs.
CREATE UNIQUE INDEX enterprises_by_uscc ON enterprises (town, uscc);

-- The newest placement that has begun is where an enterprise is.
CREATE TABLE placements (
  town text COLLATE "C" NOT NULL,
  enterprise uuid NOT NULL,
  placement uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  start_date date NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, enterprise, placement)
);
CREATE INDEX placements_by_day ON placements (town, enterprise, start_date, placement);
CREATE INDEX placements_in_unit ON placements (town, unit, enterprise, placement);

CREATE TABLE duties (
  town text COLLATE "C" NOT NULL,
  duty uuid NOT NULL,
  unit text COLLATE "C" NOT NULL,
  leader_name text NOT NULL,
  office_phone text NOT NULL,
  leader uuid,
  substitute_name text NOT NULL,
  substitute_phone text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, duty)
);
CREATE INDEX duties_of_unit ON duties (town, unit, start_date, duty);
