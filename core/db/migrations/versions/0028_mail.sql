-- E-mail addresses of people, the codes that prove them, and which reports go there. An address itself stands in its conversation, encrypted.

CREATE TABLE mailboxes (                    -- global: a person has one that is proven, and perhaps others that are not yet
  conversation_id uuid PRIMARY KEY REFERENCES conversations,  -- the letters that go there
  person_id uuid NOT NULL REFERENCES people,
  proven_at timestamptz,                    -- NULL: nothing but a code goes there
  stopped_at timestamptz,                   -- the person wants no mail
  refused_at timestamptz,                   -- its server knows no such address, and the person was told
  left_at timestamptz,                      -- the person's no more: kept until the last word has gone there
  created_at timestamptz NOT NULL
);
CREATE INDEX mailboxes_person ON mailboxes (person_id);
CREATE UNIQUE INDEX mailboxes_proven ON mailboxes (person_id) WHERE proven_at IS NOT NULL AND left_at IS NULL;
CREATE INDEX mailboxes_left ON mailboxes (left_at) WHERE left_at IS NOT NULL;

CREATE TABLE mail_codes (                   -- of the last day: short-lived, and counted for the limits
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations,
  person_id uuid NOT NULL REFERENCES people,
  asked_in uuid NOT NULL REFERENCES conversations,  -- the chat: only there it can be written back
  place_hash bytea NOT NULL,                -- keyed hash of the address, whoever named it
  code_hash bytea NOT NULL,                 -- keyed hash of the code
  wrong smallint NOT NULL DEFAULT 0,
  closed_at timestamptz,                    -- used, replaced or guessed at too often
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX mail_codes_person ON mail_codes (person_id, created_at);
CREATE INDEX mail_codes_place ON mail_codes (place_hash, created_at);
CREATE INDEX mail_codes_created ON mail_codes (created_at);

ALTER TABLE report_schedules ADD COLUMN by_mail boolean NOT NULL DEFAULT false;

GRANT SELECT ON mailboxes, mail_codes TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON mailboxes, mail_codes TO tuppence_app;
