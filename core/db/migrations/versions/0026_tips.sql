-- Which tips were shown in a person's own book, and what they thought of them. What a tip says is counted anew each time, and not kept.

CREATE TABLE tips (
  book_id uuid NOT NULL REFERENCES books,
  rule text NOT NULL,                       -- its name in core/domain/tips/tips.toml
  shown_on date,                            -- the last time; NULL: erased
  shown integer NOT NULL CHECK (shown >= 0),
  accepted integer NOT NULL CHECK (accepted >= 0),
  dismissed integer NOT NULL CHECK (dismissed >= 0),
  answered boolean NOT NULL,                -- since it was shown the last time: one answer counts
  PRIMARY KEY (book_id, rule)
);

GRANT SELECT ON tips TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON tips TO tuppence_app;

ALTER TABLE tips ENABLE ROW LEVEL SECURITY;
ALTER TABLE tips FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON tips TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON tips FOR SELECT TO tuppence_auditor USING (true);
