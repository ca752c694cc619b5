-- When the gateway read what the message says, in Beijing, `YYYY-MM-DDTHH:mm:ss`: by it both sides count what was sent in a period.
ALTER TABLE message ADD COLUMN seen_at TEXT NOT NULL DEFAULT '';
UPDATE message SET seen_at = substr(body ->> '$.data.seenAt', 1, 19);
CREATE INDEX message_of_period ON message (system, seen_at);
