-- What was decided on a record before it came back to quarantine, by a late rejection. Nothing here is ever changed.
CREATE TABLE quarantine_history (
  seq           INTEGER PRIMARY KEY,
  record_seq    INTEGER NOT NULL REFERENCES record,
  code          TEXT    NOT NULL,
  detail        TEXT    NOT NULL,
  opened_at     INTEGER NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('replayed', 'discarded', 'superseded')),
  closed_at     INTEGER NOT NULL,
  closed_by     TEXT    NOT NULL,
  closed_reason TEXT
) STRICT;
CREATE INDEX quarantine_history_by_record ON quarantine_history (record_seq);
