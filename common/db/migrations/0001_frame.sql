-- What every service's schema has beside its own tables. `tenant` is a town, or the tenant of a table without a town.

-- The writer's lock and the length of the log, one row per tenant. Changed by every transaction: room for HOT updates.
CREATE TABLE heads (
  tenant text COLLATE "C" NOT NULL PRIMARY KEY,
  seq bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

-- What was asked and answered under a request id, kept 7 days. An empty answer is one that is not stored.
CREATE TABLE requests (
  tenant text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  request_id uuid NOT NULL,
  hash bytea NOT NULL,
  answer bytea NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (tenant, actor, request_id)
);
-- For the sweep; rows come in order of time, so a block range index finds the old ones and costs writers nothing.
CREATE INDEX requests_by_time ON requests USING brin (create_time) WITH (pages_per_range = 32, autosummarize = on);

-- The log. `body` is the row after the change, as the bytes of its message.
CREATE TABLE changes (
  tenant text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  time timestamptz NOT NULL,
  actor text NOT NULL,
  principal text,
  method text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  mechanism smallint,
  body bytea NOT NULL,
  PRIMARY KEY (tenant, seq)
);

-- How far this service has followed another's log.
CREATE TABLE cursors (
  tenant text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (tenant, source)
);

-- Who does a piece of work that only one replica may do.
CREATE TABLE leases (
  name text COLLATE "C" NOT NULL,
  bucket int NOT NULL,
  holder text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (name, bucket)
);
