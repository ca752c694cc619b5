-- What arrived, in the order of arrival. `stale`: a higher data version of the same identity had come before.
CREATE TABLE message (
  arrival INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  identity TEXT NOT NULL,
  data_version INTEGER NOT NULL,
  type TEXT NOT NULL,
  system TEXT NOT NULL,
  department TEXT NOT NULL,
  region TEXT NOT NULL,
  case_no TEXT NOT NULL,
  lane TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('applied', 'stale')),
  body TEXT NOT NULL
) STRICT;
CREATE INDEX message_of_identity ON message (identity, data_version);
CREATE INDEX message_of_lane ON message (lane, arrival);

-- An id that was known with other content.
CREATE TABLE conflict (
  id TEXT NOT NULL REFERENCES message (id),
  content_hash TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (id, content_hash)
) STRICT;

-- What is no message: `properties` are those of the delivery, as JSON; `body` is as received, in UTF-8.
CREATE TABLE refused (
  digest TEXT PRIMARY KEY,
  received_at INTEGER NOT NULL,
  code TEXT NOT NULL,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  properties TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- Rules of order that a message broke; `status` is that of the case when it came.
CREATE TABLE violation (
  id TEXT NOT NULL REFERENCES message (id),
  kind TEXT NOT NULL,
  lane TEXT NOT NULL,
  status TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (id, kind)
) STRICT;
CREATE INDEX violation_of_lane ON violation (lane);

CREATE TABLE case_state (
  lane TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  last_id TEXT NOT NULL
) STRICT;

CREATE TABLE tally (
  day TEXT NOT NULL,
  system TEXT NOT NULL,
  type TEXT NOT NULL,
  received INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  violations INTEGER NOT NULL,
  PRIMARY KEY (day, system, type)
) STRICT;
