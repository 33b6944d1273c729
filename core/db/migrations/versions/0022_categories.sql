-- What the people of a book made of its categories: own ones, other names, emoji, colours, which count as another, which are hidden.
-- The ledger keeps the codes alone: a name that is changed or erased here is so everywhere.

CREATE TABLE categories (
  book_id uuid NOT NULL REFERENCES books,
  code text NOT NULL,                       -- one that comes along, or own_... of one that was added
  data_key bytea,                           -- of `label`; NULL: erased
  label bytea,                              -- encrypted: what it is called, its emoji and colour
  hidden boolean NOT NULL,                  -- offered nowhere
  merged_into text,                         -- the code that it counts as
  PRIMARY KEY (book_id, code),
  CHECK (merged_into <> code),
  CHECK ((data_key IS NULL) = (label IS NULL))
);

GRANT SELECT ON categories TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON categories TO tuppence_app;

ALTER TABLE categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE categories FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON categories TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON categories FOR SELECT TO tuppence_auditor USING (true);
