-- What erasing a person needs. core/db/data_map.toml says for every column what becomes of it.

-- Whose message it is, also in a group: found without decrypting, and gone with the body.
ALTER TABLE inbox ADD COLUMN sender_hash bytea;           -- the keyed hash of addresses.address_hash; NULL once the body is erased
CREATE INDEX inbox_by_sender ON inbox (sender_hash) WHERE sender_hash IS NOT NULL;

-- Older rows have no sender's hash, and nothing reads a body after its message came to its end: those go now, not after seven days.
UPDATE inbox SET body = NULL WHERE state IN ('done', 'rejected');
UPDATE outbox SET body = NULL WHERE state IN ('sent', 'dropped');

-- What an erasure still has to do once it is committed. The row goes with the last of it.
CREATE TABLE erasures (
  person_id uuid PRIMARY KEY REFERENCES people,
  erased_at timestamptz NOT NULL,
  own_chats uuid[] NOT NULL,                -- conversations to forget the address of, once the last word to them is delivered
  heard_in uuid[] NOT NULL,                 -- conversations in which others were told of the person
  data_key bytea NOT NULL,                  -- wrapped
  words bytea NOT NULL,                     -- encrypted: the names and texts to take out there
  blob_keys text[] NOT NULL                 -- files whose keys are gone already
);
GRANT SELECT, INSERT, UPDATE, DELETE ON erasures TO tuppence_app;
GRANT SELECT ON erasures TO tuppence_auditor;

-- A web person who was erased belongs to no browser; messages taken out of a group keep their place, a private chat is cleared.
ALTER TABLE web_people ALTER COLUMN session_id DROP NOT NULL;
ALTER TABLE web_messages DROP CONSTRAINT web_messages_kind_check;
ALTER TABLE web_messages ADD CONSTRAINT web_messages_kind_check
  CHECK (kind IN ('text', 'photo', 'press', 'join', 'leave', 'reply', 'toast', 'removed', 'cleared'));

COMMENT ON TABLE attachments IS 'For receipts to come: nothing writes it yet. An erasure deletes its rows and their blobs already.';
