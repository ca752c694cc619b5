-- An attachment on its way down to a gateway: one line for each gateway, however many messages name it.
--   open       the broker has confirmed its first `confirmed` bytes; goes on at due_at
--   sent       the broker has all of it; the gateway is asked at due_at what has become of it
--   arrived    the gateway has it, and has verified it
--   stopped    a person decides: see `detail`
CREATE TABLE transfer (
  seq        INTEGER PRIMARY KEY,
  gateway    TEXT    NOT NULL,
  digest     TEXT    NOT NULL REFERENCES attachment,
  state      TEXT    NOT NULL CHECK (state IN ('open', 'sent', 'arrived', 'stopped')),
  confirmed  INTEGER NOT NULL DEFAULT 0,
  restarts   INTEGER NOT NULL DEFAULT 0, -- how often it went out again; fences the verbs of the sender
  failures   INTEGER NOT NULL DEFAULT 0, -- attempts, or questions, without success in a row
  due_at     INTEGER,
  settled_at INTEGER,
  detail     TEXT, -- JSON: the last error, in both languages
  UNIQUE (gateway, digest)
) STRICT;
CREATE INDEX transfer_due ON transfer (due_at) WHERE state IN ('open', 'sent');
