-- Times are milliseconds since 1970. `book` points at the ledger line (day, route, stream) that a record was read under.

-- The systems ever read from, with what their messages are addressed by; kept when a system leaves the configuration.
CREATE TABLE route (
  name       TEXT PRIMARY KEY,
  department TEXT NOT NULL, -- unified social credit code
  region     TEXT NOT NULL  -- six digits
) STRICT;

CREATE TABLE ledger (
  book       INTEGER PRIMARY KEY,
  day        TEXT    NOT NULL, -- local date of receipt, YYYY-MM-DD
  route      TEXT    NOT NULL,
  stream     TEXT    NOT NULL,
  read       INTEGER NOT NULL DEFAULT 0, -- records, each version once
  duplicates INTEGER NOT NULL DEFAULT 0, -- seen again unchanged; not part of the balance
  translated INTEGER NOT NULL DEFAULT 0,
  ignored    INTEGER NOT NULL DEFAULT 0,
  messages   INTEGER NOT NULL DEFAULT 0,
  confirmed  INTEGER NOT NULL DEFAULT 0,
  UNIQUE (day, route, stream)
) STRICT;

-- Every version of every record as received. The body goes when its retention ends; the line stays longer.
CREATE TABLE record (
  seq             INTEGER PRIMARY KEY,
  book            INTEGER NOT NULL REFERENCES ledger,
  route           TEXT    NOT NULL,
  stream          TEXT    NOT NULL,
  key             TEXT    NOT NULL,
  hash            BLOB    NOT NULL, -- SHA-256 of the body
  received_at     INTEGER NOT NULL,
  disposition     TEXT    NOT NULL CHECK (disposition IN ('translated', 'quarantined', 'ignored')),
  reason          TEXT, -- why it was ignored
  mapping_version TEXT, -- the mapping that decided
  content_type    TEXT    NOT NULL,
  charset         TEXT,
  decoded         INTEGER NOT NULL CHECK (decoded IN (0, 1)), -- 1: it came as text and is kept in UTF-8, whatever charset it names inside
  faulty          INTEGER NOT NULL CHECK (faulty IN (0, 1)), -- 1: its source could not read it; no mapping can mend that
  body            BLOB
) STRICT;
CREATE INDEX record_by_key ON record (route, stream, key, seq);
CREATE INDEX record_with_body ON record (received_at) WHERE body IS NOT NULL;

CREATE TABLE mapping (
  version       TEXT    PRIMARY KEY, -- SHA-256 over all files of the mapping
  name          TEXT    NOT NULL,
  files         TEXT    NOT NULL, -- JSON: file name -> text, so that an old message can be explained
  first_used_at INTEGER NOT NULL
) STRICT;

-- Canonical messages exactly as sent.
CREATE TABLE message (
  seq          INTEGER PRIMARY KEY,
  record_seq   INTEGER NOT NULL REFERENCES record,
  identity     TEXT    NOT NULL, -- the message id without its data version
  data_version INTEGER NOT NULL,
  content_hash TEXT    NOT NULL,
  type         TEXT    NOT NULL,
  body         BLOB
) STRICT;
CREATE UNIQUE INDEX message_by_identity ON message (identity, data_version);
CREATE INDEX message_by_record ON message (record_seq);

-- One line per message. Within a lane, messages leave by (place, message_seq), one at a time; only the first may be `ready`.
CREATE TABLE outbox (
  message_seq INTEGER PRIMARY KEY REFERENCES message,
  book        INTEGER NOT NULL REFERENCES ledger,
  lane        TEXT    NOT NULL,
  place       INTEGER NOT NULL, -- the record whose place in the lane it takes: its own, or the one it corrects
  state       TEXT    NOT NULL CHECK (state IN ('waiting', 'ready', 'claimed', 'confirmed')),
  attempt     INTEGER NOT NULL DEFAULT 0,
  due_at      INTEGER NOT NULL DEFAULT 0,
  claimed_at  INTEGER,
  settled_at  INTEGER
) STRICT;
CREATE INDEX outbox_ready ON outbox (due_at, message_seq) WHERE state = 'ready';
CREATE INDEX outbox_lane ON outbox (lane, place, message_seq) WHERE state <> 'confirmed';

-- Attempts that did not end with a confirm. The one that did is in the outbox line itself.
CREATE TABLE failed_attempt (
  message_seq INTEGER NOT NULL REFERENCES message,
  attempt     INTEGER NOT NULL,
  claimed_at  INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  outcome     TEXT    NOT NULL CHECK (outcome IN ('returned', 'refused', 'interrupted')),
  detail      TEXT    NOT NULL,
  PRIMARY KEY (message_seq, attempt)
) STRICT;

-- Records that wait for a person. An open line holds its lane from `place` on.
CREATE TABLE quarantine (
  record_seq    INTEGER PRIMARY KEY REFERENCES record,
  book          INTEGER NOT NULL REFERENCES ledger,
  lane          TEXT, -- NULL when the record does not even tell its case
  place         INTEGER NOT NULL,
  code          TEXT    NOT NULL,
  detail        TEXT    NOT NULL, -- JSON: the sentence in both languages, the next step, the values
  opened_at     INTEGER NOT NULL,
  state         TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded', 'superseded')),
  closed_at     INTEGER,
  closed_by     TEXT,
  closed_reason TEXT
) STRICT;
CREATE INDEX quarantine_lane ON quarantine (lane, place) WHERE state = 'open' AND lane IS NOT NULL;
CREATE INDEX quarantine_open ON quarantine (record_seq) WHERE state = 'open';

CREATE TABLE checkpoint (
  route     TEXT    PRIMARY KEY,
  value     TEXT    NOT NULL, -- JSON, as the source gave it
  stored_at INTEGER NOT NULL
) STRICT;

-- What the running gateway last said of itself and of each source and broker, for commands in other processes.
CREATE TABLE health (
  component  TEXT    PRIMARY KEY, -- gateway, broker, or source:<route>
  state      TEXT    NOT NULL,
  detail     TEXT, -- JSON
  changed_at INTEGER NOT NULL, -- when the state last became what it is
  seen_at    INTEGER NOT NULL  -- when it was last said
) STRICT;
