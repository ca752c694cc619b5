-- What the platform answered for a message: accepted; disputed, it has other content under the id; rejected, it has overturned what it had accepted.
ALTER TABLE outbox ADD COLUMN receipt TEXT CHECK (receipt IN ('accepted', 'disputed', 'rejected'));
ALTER TABLE ledger ADD COLUMN receipted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;

-- Every answer but the first that is good. Nothing here is ever changed.
CREATE TABLE receipt (
  seq         INTEGER PRIMARY KEY,
  message_seq INTEGER NOT NULL REFERENCES message,
  outcome     TEXT    NOT NULL CHECK (outcome IN ('accepted', 'disputed', 'rejected')),
  detail      TEXT    NOT NULL, -- JSON: the digest that the platform names, or the message in the inbox that rejects it
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_by_message ON receipt (message_seq);
