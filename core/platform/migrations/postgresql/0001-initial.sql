-- What arrived, in the order of arrival. `stale`: a higher data version of the same identity had come before.
CREATE TABLE message (
  arrival bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  identity text NOT NULL,
  data_version bigint NOT NULL,
  type text NOT NULL,
  system text NOT NULL,
  department text NOT NULL,
  region text NOT NULL,
  case_no text NOT NULL,
  lane text NOT NULL,
  content_hash text NOT NULL,
  received_at bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('applied', 'stale')),
  body text NOT NULL
);
CREATE INDEX message_of_identity ON message (identity, data_version);
CREATE INDEX message_of_lane ON message (lane, arrival);

-- An id that was known with other content.
CREATE TABLE conflict (
  id text NOT NULL REFERENCES message (id),
  content_hash text NOT NULL,
  received_at bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (id, content_hash)
);

-- What is no message: `properties` are those of the delivery, as JSON; `body` is as received, in UTF-8.
CREATE TABLE refused (
  digest text PRIMARY KEY,
  received_at bigint NOT NULL,
  code text NOT NULL,
  zh text NOT NULL,
  en text NOT NULL,
  properties text NOT NULL,
  body bytea NOT NULL
);

-- Rules of order that a message broke; `status` is that of the case when it came.
CREATE TABLE violation (
  id text NOT NULL REFERENCES message (id),
  kind text NOT NULL,
  lane text NOT NULL,
  status text NOT NULL,
  received_at bigint NOT NULL,
  PRIMARY KEY (id, kind)
);
CREATE INDEX violation_of_lane ON violation (lane);

CREATE TABLE case_state (
  lane text PRIMARY KEY,
  state text NOT NULL,
  last_id text NOT NULL
);

CREATE TABLE tally (
  day text NOT NULL,
  system text NOT NULL,
  type text NOT NULL,
  received bigint NOT NULL,
  duplicates bigint NOT NULL,
  conflicts bigint NOT NULL,
  refused bigint NOT NULL,
  stale bigint NOT NULL,
  violations bigint NOT NULL,
  PRIMARY KEY (day, system, type)
);
