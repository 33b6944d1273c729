-- Photos of receipts, from "reading..." to the bill. The pictures lie in the blob store under this row's id, sealed with this row's key.

CREATE TABLE receipts (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations,
  person_id uuid NOT NULL REFERENCES people,        -- who sent it: it goes with them
  message_hash bytea NOT NULL,                      -- keyed hash of the id of the message that brought it
  album_hash bytea,                                 -- keyed hash of the album that it came with
  state text NOT NULL CHECK (state IN ('waiting', 'read', 'failed')),
  reason text,                                      -- why it failed
  tries smallint NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  claimed_by integer,                               -- number of the living worker that reads it
  trace_id text NOT NULL,
  data_key bytea NOT NULL,                          -- wrapped; opens request, reading and the pictures
  request bytea,                                    -- encrypted: the message, with where its files are; NULL once it was read
  reading bytea,                                    -- encrypted: what was read
  fingerprint bigint,                               -- of the first picture, alike for pictures that look alike
  pictures smallint NOT NULL DEFAULT 0,             -- how many are in the blob store
  book_id uuid,                                     -- with bill_id: what it was booked as
  bill_id uuid,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (conversation_id, message_hash)
);
CREATE INDEX receipts_waiting ON receipts (next_at) WHERE state = 'waiting';
CREATE INDEX receipts_person ON receipts (person_id);
CREATE INDEX receipts_bill ON receipts (book_id, bill_id) WHERE bill_id IS NOT NULL;

DROP TABLE attachments;                             -- was made for this; nothing ever wrote it

GRANT SELECT ON receipts TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON receipts TO tuppence_app;
