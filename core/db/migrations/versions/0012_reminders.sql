-- When a group is reminded of lines of a receipt that nobody has claimed, and when it was: once for each receipt.

ALTER TABLE receipts ADD COLUMN remind_at timestamptz;   -- NULL: nothing to be reminded of
ALTER TABLE receipts ADD COLUMN reminded_at timestamptz;
CREATE INDEX receipts_reminders ON receipts (remind_at) WHERE remind_at IS NOT NULL;
