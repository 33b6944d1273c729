-- What people taught by correcting, each for themselves; and the examples that they agreed to share.

CREATE TABLE category_lessons (
  person_id uuid NOT NULL REFERENCES people,
  topic_hash bytea NOT NULL,                -- keyed hash of the merchant or the words
  bill_id uuid NOT NULL,                    -- whose correction taught it: when that is taken back, so is the lesson
  category text NOT NULL,
  topic bytea NOT NULL,                     -- the merchant or the words, encrypted with the person's key
  learned_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, topic_hash, bill_id, category)
);

CREATE TABLE correction_consents (          -- who lets what they correct be used as examples
  person_id uuid NOT NULL REFERENCES people,
  consented_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX correction_consents_person ON correction_consents (person_id) WHERE revoked_at IS NULL;

CREATE TABLE corrected_messages (           -- made when something is corrected, while the message is still there; nothing of it leads to a name
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people,
  bill_id uuid NOT NULL,
  line bytea NOT NULL,                      -- encrypted with the person's key
  made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX corrected_messages_bill ON corrected_messages (person_id, bill_id);

GRANT SELECT ON category_lessons, correction_consents, corrected_messages TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON category_lessons, correction_consents, corrected_messages TO tuppence_app;
