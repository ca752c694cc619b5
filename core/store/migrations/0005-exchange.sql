-- The exchange table: events of a record that were not sent, and why. `unexchanged`: by the table. `echo`: what the platform itself wrote.
CREATE TABLE withheld (
  record_seq INTEGER NOT NULL REFERENCES record,
  identity   TEXT    NOT NULL, -- the message id without its data version
  reason     TEXT    NOT NULL CHECK (reason IN ('echo', 'unexchanged')),
  inbox_seq  INTEGER -- the message that it is the echo of
) STRICT;
CREATE UNIQUE INDEX withheld_by_record ON withheld (record_seq, identity);
CREATE INDEX inbox_by_case ON inbox (lane, type);
ALTER TABLE ledger ADD COLUMN echoes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN unexchanged INTEGER NOT NULL DEFAULT 0;
