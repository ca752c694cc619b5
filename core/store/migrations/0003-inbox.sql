-- The way down: messages of the platform for the systems of this gateway, and what became of them at their targets.

CREATE TABLE inbox_ledger (
  book       INTEGER PRIMARY KEY,
  day        TEXT    NOT NULL, -- local date of receipt, YYYY-MM-DD
  system     TEXT    NOT NULL, -- empty for what names none of ours
  type       TEXT    NOT NULL, -- the canonical event; empty for what is no message
  received   INTEGER NOT NULL DEFAULT 0, -- each message once
  duplicates INTEGER NOT NULL DEFAULT 0, -- delivered again by the broker or sent again; not part of the balance
  delivered  INTEGER NOT NULL DEFAULT 0,
  rejected   INTEGER NOT NULL DEFAULT 0,
  ignored    INTEGER NOT NULL DEFAULT 0,
  refused    INTEGER NOT NULL DEFAULT 0,
  UNIQUE (day, system, type)
) STRICT;

-- One line per message as received. Within a lane they are delivered by seq, one at a time: only the first that is not finished may be
-- anything but `waiting`.
--   ready, claimed   its turn; an attempt is under way
--   unknown          an attempt ended without an answer: the target is asked at due_at, or, without one, a person decides
--   quarantined      it cannot be put in the target's words: a person decides
--   delivered        the target has it      rejected  the target has refused it for good
--   ignored          by a rule of the mapping, as stale, or by a person      refused   it is no message for us; the broker's dead letters have it
CREATE TABLE inbox (
  seq             INTEGER PRIMARY KEY,
  book            INTEGER NOT NULL REFERENCES inbox_ledger,
  system          TEXT    NOT NULL,
  lane            TEXT    NOT NULL,
  identity        TEXT    NOT NULL, -- the message id without its data version
  data_version    INTEGER NOT NULL,
  content_hash    TEXT    NOT NULL,
  type            TEXT    NOT NULL,
  body            BLOB,
  received_at     INTEGER NOT NULL,
  state           TEXT    NOT NULL CHECK (state IN ('waiting', 'ready', 'claimed', 'unknown', 'quarantined', 'delivered', 'rejected', 'ignored', 'refused')),
  attempt         INTEGER NOT NULL DEFAULT 0,
  due_at          INTEGER,
  claimed_at      INTEGER,
  settled_at      INTEGER,
  operations      TEXT, -- JSON: what it came to, kept before the first attempt, so that every attempt asks for the same
  mapping_version TEXT, -- the mapping that made them
  parts_done      INTEGER NOT NULL DEFAULT 0, -- of the operations, how many the target has
  detail          TEXT -- JSON: why it is where it is: an error, or the target's answer
) STRICT;
CREATE INDEX inbox_by_identity ON inbox (identity, data_version);
CREATE INDEX inbox_due ON inbox (system, due_at, seq) WHERE state IN ('ready', 'unknown');
CREATE INDEX inbox_lane ON inbox (lane, seq) WHERE state NOT IN ('delivered', 'rejected', 'ignored', 'refused');
CREATE INDEX inbox_with_body ON inbox (received_at) WHERE body IS NOT NULL;

-- Every attempt and its verdict, questions about an unknown one among them.
CREATE TABLE delivery_attempt (
  inbox_seq  INTEGER NOT NULL REFERENCES inbox,
  attempt    INTEGER NOT NULL,
  part       INTEGER NOT NULL, -- of the operations, from 0
  claimed_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,
  verdict    TEXT    NOT NULL CHECK (verdict IN ('accepted', 'duplicate', 'rejected', 'transient', 'unknown', 'absent', 'interrupted')),
  detail     TEXT, -- JSON: code and text of the target's answer
  PRIMARY KEY (inbox_seq, attempt, part)
) STRICT;

-- What persons decided of messages that waited for them. Nothing here is ever changed.
CREATE TABLE inbox_decision (
  seq       INTEGER PRIMARY KEY,
  inbox_seq INTEGER NOT NULL REFERENCES inbox,
  decision  TEXT    NOT NULL CHECK (decision IN ('again', 'delivered', 'discarded')),
  by        TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  reason    TEXT    NOT NULL
) STRICT;
CREATE INDEX inbox_decision_by_message ON inbox_decision (inbox_seq);
