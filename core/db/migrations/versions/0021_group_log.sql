-- What became of a group itself, a row a change; bills and payments have the ledger. Rows are only added; of their words the names go with a person.

CREATE TABLE group_log (
  book_id uuid NOT NULL REFERENCES books,
  change_id uuid NOT NULL,                  -- grows with time, as the ids of entries do
  kind text NOT NULL,
  actor_id uuid,                            -- who did it; NULL: nobody in particular
  about_id uuid,                            -- the member whom it happened to; NULL: the group
  other_id uuid,                            -- the member that they are the same as
  data_key bytea,                           -- wrapped; opens content; NULL once erased
  content bytea,                            -- encrypted: what was before and after; NULL once erased
  happened_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, change_id),
  FOREIGN KEY (book_id, actor_id) REFERENCES members (book_id, member_id),
  FOREIGN KEY (book_id, about_id) REFERENCES members (book_id, member_id),
  FOREIGN KEY (book_id, other_id) REFERENCES members (book_id, member_id)
);

GRANT SELECT ON group_log TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE (data_key, content) ON group_log TO tuppence_app;

ALTER TABLE group_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_log FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON group_log TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON group_log FOR SELECT TO tuppence_auditor USING (true);

-- Payments are looked for by what is not finished, also where one was declined; nothing ever asked for the other order.
DROP INDEX payments_open;
CREATE INDEX payments_unfinished ON payments (book_id) WHERE state IN ('declined', 'link_sent', 'payer_says_paid', 'proposed');
