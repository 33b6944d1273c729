-- One person over several channels: link codes, where a person wrote last, and addresses that may have changed hands.

ALTER TABLE people ADD COLUMN preferred_channel text;   -- where the person wants to be written to; NULL: where they wrote last
ALTER TABLE addresses ADD COLUMN wrote_at timestamptz,  -- when it wrote last, to the hour
  ADD COLUMN conversation_id uuid REFERENCES conversations;  -- its private chat; NULL: it wrote in groups only
UPDATE addresses a SET wrote_at = now(), conversation_id = (
  SELECT c.id FROM conversations c JOIN people p ON p.personal_book_id = c.book_id
  WHERE p.id = a.person_id AND c.channel = a.channel AND c.kind = 'private' ORDER BY c.created_at DESC LIMIT 1);
ALTER TABLE addresses ALTER COLUMN wrote_at SET NOT NULL;

ALTER TABLE members ADD COLUMN in_chat boolean NOT NULL DEFAULT false,  -- was met in the group's own chat: reads what is said there
  ADD COLUMN also_person uuid;              -- a second position of a linked person: it keeps what it owes, they act through the first
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;        -- the owner, who migrates, may be no superuser
UPDATE members m SET in_chat = true
  WHERE m.person_id IS NOT NULL AND EXISTS (SELECT 1 FROM conversations c WHERE c.book_id = m.book_id AND c.kind = 'group');
ALTER TABLE members FORCE ROW LEVEL SECURITY;

CREATE INDEX conversations_book ON conversations (book_id);

CREATE TABLE links (                        -- a link from its code to both confirmations; short-lived
  id uuid PRIMARY KEY,
  starter_id uuid NOT NULL REFERENCES people,             -- who asked for the code and stays
  starter_chat uuid NOT NULL REFERENCES conversations,    -- where: only there it can be confirmed
  selector_hash bytea NOT NULL,             -- keyed hash of the first letters: a wrong code is held against the one it was aimed at
  code_hash bytea NOT NULL,                 -- keyed hash of the whole code
  wrong smallint NOT NULL DEFAULT 0,
  joiner_id uuid REFERENCES people,         -- who wrote the code; the code is used up then
  joiner_chat uuid REFERENCES conversations,
  starter_agreed boolean NOT NULL DEFAULT false,
  joiner_agreed boolean NOT NULL DEFAULT false,
  closed_at timestamptz,                    -- linked, refused, replaced or guessed at too often
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX links_selector ON links (selector_hash) WHERE closed_at IS NULL;
CREATE INDEX links_starter ON links (starter_id, created_at);
CREATE INDEX links_created ON links (created_at);
CREATE TABLE link_tries (                   -- wrong codes of the last day, for the limits
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id uuid NOT NULL,
  tried_at timestamptz NOT NULL
);
CREATE INDEX link_tries_time ON link_tries (tried_at);
CREATE INDEX link_tries_chat ON link_tries (conversation_id, tried_at);
CREATE TABLE detached_addresses (           -- silent for long, so perhaps somebody else's: whose it was, until they prove to be the same
  address_hash bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people,              -- whose it was
  conversation_id uuid NOT NULL REFERENCES conversations,
  wrong smallint NOT NULL DEFAULT 0,        -- wrong answers to "what did you record last"
  asked_at timestamptz,                     -- when the groups were asked to vouch
  refused_at timestamptz,                   -- a member of a shared group said that it is somebody else
  detached_at timestamptz NOT NULL
);
CREATE INDEX detached_addresses_person ON detached_addresses (person_id);

GRANT SELECT ON links, link_tries, detached_addresses TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON links, link_tries, detached_addresses TO tuppence_app;
