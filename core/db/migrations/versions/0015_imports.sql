-- Files of other programs: what was read of them waits here until somebody says yes or no. What came of it is in the ledger, marked with this id.

CREATE TABLE imports (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations,
  person_id uuid NOT NULL REFERENCES people,        -- who sent it: it goes with them
  book_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('proposed', 'booked', 'undone', 'dropped')),
  data_key bytea NOT NULL,                          -- wrapped; opens content and matches
  content bytea,                                    -- encrypted: people and rows as they were read; NULL once decided, and after a week
  matches bytea,                                    -- encrypted: which member each of the people is
  created_at timestamptz NOT NULL,
  decided_at timestamptz
);
CREATE INDEX imports_person ON imports (person_id);
CREATE INDEX imports_waiting ON imports (created_at) WHERE content IS NOT NULL;
CREATE INDEX entries_imported ON entries (book_id, (split ->> 'import')) WHERE split ? 'import';

GRANT SELECT ON imports TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON imports TO tuppence_app;
