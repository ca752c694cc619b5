-- Alerts of supervision: computed from the messages, kept and sent once each. A newer version takes the place of the one before.
CREATE TABLE alert (
  no text PRIMARY KEY,
  lane text NOT NULL,
  gateway text,
  system text NOT NULL,
  version bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('raised', 'withdrawn')),
  content text NOT NULL,
  raised_at text NOT NULL,
  id text NOT NULL,
  body text NOT NULL,
  sent_at bigint
);
CREATE INDEX alert_of_lane ON alert (lane);
CREATE INDEX alert_unsent ON alert (raised_at) WHERE sent_at IS NULL AND gateway IS NOT NULL;

-- What gateways stated of periods, zero included. `from_at` and `until_at` are in Beijing.
CREATE TABLE stated (
  gateway text NOT NULL,
  system text NOT NULL,
  from_at text NOT NULL,
  until_at text NOT NULL,
  messages bigint NOT NULL,
  PRIMARY KEY (gateway, system, from_at, until_at)
);

-- The gateway that a message names: alerts and catalogues go there.
ALTER TABLE message ADD COLUMN gateway text;
UPDATE message SET gateway = body::json #>> '{data,source,gateway}';
CREATE INDEX message_of_gateway ON message (gateway);
