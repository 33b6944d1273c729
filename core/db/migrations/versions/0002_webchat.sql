-- The web chat's own storage: a platform of its own, apart from the bot's inbox, outbox and ledger.
-- Names, titles and texts are encrypted; ids are random; a browser's token and a group's invite are stored as keyed hashes.

CREATE TABLE web_sessions (                 -- one browser
  id text PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);
CREATE TABLE web_people (                   -- whom a browser writes as
  id text PRIMARY KEY,
  session_id text NOT NULL REFERENCES web_sessions,
  request_id text NOT NULL,                 -- made by the page: creating again is the same person
  data_key bytea NOT NULL,                  -- wrapped
  name bytea NOT NULL,                      -- encrypted
  created_at timestamptz NOT NULL,
  UNIQUE (session_id, request_id)
);
CREATE TABLE web_chats (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('private', 'group')),
  session_id text NOT NULL REFERENCES web_sessions,  -- the browser that made it
  request_id text NOT NULL,
  data_key bytea NOT NULL,                  -- wrapped
  title bytea NOT NULL,                     -- encrypted
  invite bytea,                             -- encrypted, so that it can be shown again
  invite_hash bytea UNIQUE,
  last_change bigint NOT NULL DEFAULT 0,    -- drawn under this row's lock: the order of commits is the order of numbers
  created_at timestamptz NOT NULL,
  UNIQUE (session_id, request_id)
) WITH (fillfactor = 70);
CREATE TABLE web_members (
  chat_id text NOT NULL REFERENCES web_chats,
  person_id text NOT NULL REFERENCES web_people,
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  PRIMARY KEY (chat_id, person_id)
);
CREATE INDEX web_members_person ON web_members (person_id);
CREATE TABLE web_messages (
  chat_id text NOT NULL REFERENCES web_chats,
  seq bigint NOT NULL,                      -- place in the chat
  id text NOT NULL UNIQUE,
  change bigint NOT NULL,                   -- newest change, an edit moves it on: live readers resume after the last one they saw
  kind text NOT NULL CHECK (kind IN ('text', 'photo', 'press', 'join', 'leave', 'reply', 'toast')),
  sender_id text REFERENCES web_people,     -- NULL: Tuppence
  request_id text,                          -- made by the page, or the outbox id of an answer: sending again is the same message
  version integer NOT NULL DEFAULT 0,
  accepted_version integer NOT NULL DEFAULT -1, -- newest version that the inbox has taken
  to_message text,                          -- replied to, or pressed on
  only_for text,                            -- a toast's only reader
  body bytea NOT NULL,                      -- encrypted
  created_at timestamptz NOT NULL,
  edited_at timestamptz,
  PRIMARY KEY (chat_id, seq)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX web_messages_change ON web_messages (chat_id, change);
CREATE UNIQUE INDEX web_messages_request ON web_messages (chat_id, coalesce(sender_id, ''), request_id) WHERE request_id IS NOT NULL;
CREATE INDEX web_messages_unaccepted ON web_messages (created_at) WHERE accepted_version < version AND sender_id IS NOT NULL;
CREATE TABLE web_files (
  id text PRIMARY KEY,
  chat_id text NOT NULL REFERENCES web_chats,
  person_id text REFERENCES web_people,     -- who put it there; NULL: Tuppence
  media_type text NOT NULL,
  bytes integer NOT NULL,
  data_key bytea NOT NULL,                  -- wrapped; the blob store holds the file encrypted under this id
  created_at timestamptz NOT NULL
);

GRANT SELECT ON web_sessions, web_people, web_chats, web_members, web_messages, web_files TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_sessions, web_people, web_chats, web_members, web_messages, web_files TO tuppence_app;
