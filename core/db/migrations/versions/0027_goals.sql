-- Topics of what nobody asked for that are muted until a moment; goals of a person (in their own book) and of a group (in its book).
-- What is put aside are entries of the ledger, of one member with themselves: it can be undone, and moves no balance.

ALTER TABLE notice_manners ADD COLUMN rests jsonb NOT NULL DEFAULT '{}';  -- a topic to the moment

ALTER TABLE entries DROP CONSTRAINT entries_kind_check;
ALTER TABLE entries ADD CONSTRAINT entries_kind_check CHECK (kind IN ('expense', 'settlement', 'income', 'saving', 'reversal'));
ALTER TABLE postings DROP CONSTRAINT postings_role_check;
ALTER TABLE postings ADD CONSTRAINT postings_role_check
  CHECK (role IN ('paid', 'share', 'sent', 'received', 'earned', 'entitled', 'spared', 'aside'));
CREATE INDEX entries_saving ON entries (book_id, (split ->> 'goal')) WHERE kind = 'saving';

CREATE TABLE goals (
  book_id uuid NOT NULL REFERENCES books,
  goal_id uuid NOT NULL,
  data_key bytea,                           -- NULL with the name: erased
  name bytea,                               -- encrypted
  amount bigint CHECK (amount > 0),         -- minor units; NULL: erased
  currency char(3) NOT NULL,
  due_on date,
  planned_on date NOT NULL,                 -- from when the plan counts, and what was aside then
  planned_aside bigint NOT NULL,
  reached_on date,                          -- when it was said that it is
  dropped_on date,                          -- it is there still while something is aside for it
  PRIMARY KEY (book_id, goal_id),
  CHECK ((data_key IS NULL) = (name IS NULL))
);

GRANT SELECT ON goals TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON goals TO tuppence_app;

ALTER TABLE goals ENABLE ROW LEVEL SECURITY;
ALTER TABLE goals FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON goals TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON goals FOR SELECT TO tuppence_auditor USING (true);
