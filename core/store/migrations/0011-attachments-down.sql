-- Attachments of the way down: received in chunks, and written by the operations of the messages that name them.

-- What of an attachment is on disk, in a partial file of its own, until it is whole.
CREATE TABLE partial_attachment (
  gateway TEXT    NOT NULL, -- this one
  digest  TEXT    NOT NULL,
  size    INTEGER NOT NULL, -- as its chunks say it
  ranges  TEXT    NOT NULL, -- JSON: [from, until] of bytes, sorted, apart from each other
  last_at INTEGER NOT NULL, -- when the last chunk came
  PRIMARY KEY (gateway, digest, size)
) STRICT;

CREATE TABLE attachment_tally (
  day        TEXT    NOT NULL, -- local date, YYYY-MM-DD
  gateway    TEXT    NOT NULL,
  chunks     INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  refused    INTEGER NOT NULL,
  arrived    INTEGER NOT NULL,
  different  INTEGER NOT NULL,
  PRIMARY KEY (day, gateway)
) STRICT;

-- The digests that a message of the platform names.
--   named     no operation writes its content, or it is not yet known whether one does
--   awaited   an operation writes it, and it has not arrived: the message, and its case, wait for it
--   there     an operation writes it, and it is kept
CREATE TABLE inbox_attachment (
  inbox_seq INTEGER NOT NULL REFERENCES inbox,
  digest    TEXT    NOT NULL,
  state     TEXT    NOT NULL DEFAULT 'named' CHECK (state IN ('named', 'awaited', 'there')),
  PRIMARY KEY (inbox_seq, digest)
) STRICT;
CREATE INDEX inbox_attachment_by_digest ON inbox_attachment (digest);

ALTER TABLE inbox_ledger ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0; -- that operations of messages write, each once for a message
ALTER TABLE inbox_ledger ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0; -- of them, those that are kept
