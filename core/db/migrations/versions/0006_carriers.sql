-- What carriers say of a chat and of a letter.

ALTER TABLE conversations
  ADD COLUMN stopped_at timestamptz,        -- its person asked not to be written to; NULL: may be written to
  ADD COLUMN consent_at timestamptz,        -- when that was said last, either way: an older word that comes later changes nothing
  ADD COLUMN window_closed_at timestamptz;  -- the platform refused a free message then; opened again by what the person writes next
ALTER TABLE outbox
  ADD COLUMN carriage text,                 -- the carrier's newest word: queued, sent, delivered, ... (core.domain.carriage)
  ADD COLUMN carriage_error integer;        -- its error number, where it failed
ALTER TABLE buttons ADD COLUMN place smallint NOT NULL DEFAULT 1; -- 1 is the first of its letter: the number to press it by
CREATE INDEX buttons_offered ON buttons (conversation_id, outbox_id);
CREATE INDEX inbox_heard ON inbox (conversation_id, received_at);
