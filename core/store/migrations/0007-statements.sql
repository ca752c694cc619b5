-- Reconciliation with the platform: a line for each system and each period that has ended. A message belongs to the period of its record's
-- `received_at`, which it carries as `data.seenAt`.
--   open     never stated, or messages were confirmed or sent again since          asked    stated, no answer yet
--   agreed   the platform has what we sent and nothing else                        differs  see `difference`
CREATE TABLE statement (
  starts_at  INTEGER NOT NULL,
  system     TEXT    NOT NULL,
  ends_at    INTEGER NOT NULL, -- exclusive
  state      TEXT    NOT NULL CHECK (state IN ('open', 'asked', 'agreed', 'differs')),
  changed_at INTEGER NOT NULL, -- when what it covers last changed: its end, or the last late confirm
  id         TEXT, -- of the statement that was sent last; an answer to another one is not of now
  asked      INTEGER NOT NULL DEFAULT 0, -- how often, since the last change
  due_at     INTEGER, -- when it is stated again; NULL while it is open, and when there is nothing more to ask
  ours       INTEGER, -- messages, as stated
  theirs     INTEGER, -- messages, as answered
  PRIMARY KEY (starts_at, system)
) STRICT;
CREATE INDEX statement_of_system ON statement (system, ends_at);
CREATE INDEX statement_due ON statement (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX statement_open ON statement (changed_at) WHERE state = 'open';

-- By id, what the last answer showed. `missing`: we have its confirm and the platform has it not; `foreign`: the platform has what we never sent.
CREATE TABLE difference (
  starts_at INTEGER NOT NULL,
  system    TEXT    NOT NULL,
  id        TEXT    NOT NULL,
  type      TEXT    NOT NULL,
  kind      TEXT    NOT NULL CHECK (kind IN ('missing', 'foreign')),
  PRIMARY KEY (starts_at, system, id),
  FOREIGN KEY (starts_at, system) REFERENCES statement ON DELETE CASCADE
) STRICT;

CREATE INDEX record_by_time ON record (route, received_at);
