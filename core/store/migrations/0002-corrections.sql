-- What persons decided of single values of quarantined records, in place of what the mapping reads. Nothing here is ever changed.
CREATE TABLE correction (
  seq        INTEGER PRIMARY KEY,
  record_seq INTEGER NOT NULL REFERENCES record,
  type       TEXT, -- the event; NULL for every event of the record that has the field
  pointer    TEXT    NOT NULL, -- JSON pointer in the message
  value      TEXT    NOT NULL, -- JSON; null: the field is absent
  by         TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  reason     TEXT    NOT NULL
) STRICT;
CREATE INDEX correction_by_record ON correction (record_seq);
