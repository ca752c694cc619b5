-- Attachments: contents kept as files by their digest, in a folder of this store. Whoever refers to one does so by its digest alone.
CREATE TABLE attachment (
  digest     TEXT    PRIMARY KEY, -- sha256: and 64 hexadecimal digits
  size       INTEGER NOT NULL,
  kept_at    INTEGER NOT NULL, -- when its content was last handed over
  removed_at INTEGER -- its retention has ended: the file is gone; the line stays while a record or a message names it
) STRICT;
CREATE INDEX attachment_kept ON attachment (kept_at) WHERE removed_at IS NULL;

CREATE TABLE record_attachment (
  record_seq INTEGER NOT NULL REFERENCES record,
  place      TEXT    NOT NULL, -- the path in the record
  digest     TEXT    NOT NULL,
  media_type TEXT,
  file_name  TEXT,
  PRIMARY KEY (record_seq, place)
) STRICT;
CREATE INDEX record_attachment_by_digest ON record_attachment (digest);

-- The digests that a message names, whether content is kept under them or not.
CREATE TABLE message_attachment (
  message_seq INTEGER NOT NULL REFERENCES message,
  digest      TEXT    NOT NULL,
  PRIMARY KEY (message_seq, digest)
) STRICT;
CREATE INDEX message_attachment_by_digest ON message_attachment (digest);

-- An attachment on its way to the platform: one line, however many messages name it.
--   open       the broker has confirmed its first `confirmed` bytes; goes on at due_at
--   sent       the broker has all of it; the platform is asked at due_at what has become of it
--   arrived    the platform has it, and has verified it
--   stopped    a person decides: see `detail`
CREATE TABLE transfer (
  digest     TEXT    PRIMARY KEY REFERENCES attachment,
  book       INTEGER NOT NULL REFERENCES ledger, -- that of the first message that names it
  state      TEXT    NOT NULL CHECK (state IN ('open', 'sent', 'arrived', 'stopped')),
  confirmed  INTEGER NOT NULL DEFAULT 0,
  restarts   INTEGER NOT NULL DEFAULT 0, -- how often it went out again; fences the verbs of the sender
  failures   INTEGER NOT NULL DEFAULT 0, -- attempts, or questions, without success in a row
  due_at     INTEGER,
  settled_at INTEGER,
  detail     TEXT -- JSON: the last error, in both languages
) STRICT;
CREATE INDEX transfer_due ON transfer (due_at) WHERE state IN ('open', 'sent');

ALTER TABLE ledger ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0; -- transfers begun
ALTER TABLE ledger ADD COLUMN sent INTEGER NOT NULL DEFAULT 0; -- the broker has all of them
ALTER TABLE ledger ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0;
