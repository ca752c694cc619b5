-- Alerts of supervision: computed from the messages, kept and sent once each. A newer version takes the place of the one before.
CREATE TABLE alert (
  no TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  gateway TEXT,
  system TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('raised', 'withdrawn')),
  content TEXT NOT NULL,
  raised_at TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  sent_at INTEGER
);
CREATE INDEX alert_of_lane ON alert (lane);
CREATE INDEX alert_unsent ON alert (raised_at) WHERE sent_at IS NULL AND gateway IS NOT NULL;

-- What gateways stated of periods, zero included. `from_at` and `until_at` are in Beijing.
CREATE TABLE stated (
  gateway TEXT NOT NULL,
  system TEXT NOT NULL,
  from_at TEXT NOT NULL,
  until_at TEXT NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (gateway, system, from_at, until_at)
);

-- The gateway that a message names: alerts and catalogues go there.
ALTER TABLE message ADD COLUMN gateway TEXT;
UPDATE message SET gateway = body ->> '$.data.source.gateway';
CREATE INDEX message_of_gateway ON message (gateway);
