-- People, what they may do, and how they sign in.

-- What followers see of a person. Name and phone are not here.
CREATE TABLE people (
  town text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  kind smallint NOT NULL,
  unit text COLLATE "C" NOT NULL,
  enterprise uuid,
  registered boolean NOT NULL,
  erased boolean NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  etag bigint NOT NULL,
  PRIMARY KEY (town, person)
);
CREATE INDEX people_by_unit ON people (town, unit, person) WHERE NOT erased;
CREATE INDEX people_by_enterprise ON people (town, enterprise, person) WHERE enterprise IS NOT NULL AND NOT erased;

-- Name and phone, sealed under the key in person_keys; empty once the person is erased.
CREATE TABLE personal_data (
  town text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  sealed_name bytea NOT NULL,
  sealed_phone bytea NOT NULL,
  PRIMARY KEY (town, person)
);

-- What ties a row to a human being: the key of their data, the index of their phone, their login. Deleted when they are
-- erased, and never in the log, which forgets nothing.
CREATE TABLE person_keys (
  town text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  sealing_key text NOT NULL,
  wrapped_key bytea NOT NULL,
  phone_index uuid,
  account uuid,
  PRIMARY KEY (town, person)
);
CREATE UNIQUE INDEX person_keys_by_phone ON person_keys (town, phone_index) WHERE phone_index IS NOT NULL;
CREATE UNIQUE INDEX person_keys_by_account ON person_keys (town, account) WHERE account IS NOT NULL;

-- Who was shown a whole phone number, and why.
CREATE TABLE phone_reveals (
  town text COLLATE "C" NOT NULL,
  reveal uuid NOT NULL,
  person uuid NOT NULL,
  revealer text NOT NULL,
  reason text NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (town, reveal)
);

CREATE TABLE grants (
  town text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  person uuid NOT NULL,
  role smallint NOT NULL,
  scope text COLLATE "C" NOT NULL,
  active boolean NOT NULL,
  create_time timestamptz NOT NULL,
  revoke_time timestamptz,
  PRIMARY KEY (town, id)
);
CREATE INDEX grants_of_person ON grants (town, person, active, id);

-- Logins belong to no town: the tenant is the account, or the blind index of what somebody signs in with.
CREATE TABLE accounts (
  account text COLLATE "C" NOT NULL PRIMARY KEY,
  login text NOT NULL,
  sealing_key text NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed_phone bytea NOT NULL,
  password_hash text NOT NULL,
  create_time timestamptz NOT NULL
);

-- The towns in which an account is a person.
CREATE TABLE memberships (
  account text COLLATE "C" NOT NULL,
  town text COLLATE "C" NOT NULL,
  person text NOT NULL,
  PRIMARY KEY (account, town)
);

CREATE TABLE sessions (
  account text COLLATE "C" NOT NULL,
  session uuid NOT NULL,
  secret_hash bytea NOT NULL,
  generation int NOT NULL,
  person text NOT NULL,
  request_id uuid,
  refresh_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  PRIMARY KEY (account, session)
);

CREATE TABLE logins (
  login text COLLATE "C" NOT NULL PRIMARY KEY,
  account uuid NOT NULL
);

-- The one code that a phone may be signed in with now.
CREATE TABLE sign_in_codes (
  login text COLLATE "C" NOT NULL PRIMARY KEY,
  code_hash bytea NOT NULL,
  tries int NOT NULL,
  expire_time timestamptz NOT NULL
);

-- How often something was tried in the window of time that runs. The tenant is whatever is limited.
CREATE TABLE attempts (
  subject text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  start_time timestamptz NOT NULL,
  attempts int NOT NULL,
  PRIMARY KEY (subject, kind)
);
