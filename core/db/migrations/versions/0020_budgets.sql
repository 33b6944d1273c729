-- Budgets of a person (in their own book) and of a group (in its book), and the payday from which months are counted.

ALTER TABLE books ADD COLUMN payday smallint CHECK (payday BETWEEN 1 AND 31);  -- NULL: months begin on the first

CREATE TABLE budgets (
  book_id uuid NOT NULL REFERENCES books,
  budget_id uuid NOT NULL,
  category text,                            -- NULL: everything
  amount bigint CHECK (amount > 0),         -- minor units of a period; NULL: removed
  currency char(3) NOT NULL,
  cycle text NOT NULL CHECK (cycle IN ('day', 'week', 'month', 'year')),
  rollover boolean NOT NULL,                -- what was left or overdrawn counts in the next period
  starts_on date NOT NULL,                  -- a day of the period from which `carried` counts
  carried bigint NOT NULL,                  -- minor units, either way
  PRIMARY KEY (book_id, budget_id),
  UNIQUE NULLS NOT DISTINCT (book_id, category, cycle)
);

GRANT SELECT ON budgets TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON budgets TO tuppence_app;

ALTER TABLE budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE budgets FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON budgets TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON budgets FOR SELECT TO tuppence_auditor USING (true);
