-- Expenses that come back by a rule, each day that was dealt with, and the clock that wakes them.

CREATE TABLE recurring (
  book_id uuid NOT NULL REFERENCES books,
  rule_id uuid NOT NULL,
  person_id uuid NOT NULL,                  -- whose words it is: it goes with them
  member_id uuid NOT NULL,
  conversation_id uuid NOT NULL,            -- where it was said, and is told
  data_key bytea,                           -- wrapped; opens content; NULL once erased
  content bytea,                            -- encrypted: the expense as it was understood, and who said it; NULL once erased
  every text NOT NULL CHECK (every IN ('day', 'week', 'month', 'year')),
  every_count integer NOT NULL CHECK (every_count > 0),
  starts_on date NOT NULL,
  until date,
  weekdays smallint[] NOT NULL,             -- 1 Monday
  day smallint,                             -- of the month; -1 the last
  nth smallint,                             -- of the weekdays in a month; -1 the last
  month smallint,
  at_time time NOT NULL,                    -- of the book's zone
  asks boolean NOT NULL,                    -- nothing is posted before somebody says so
  state text NOT NULL CHECK (state IN ('active', 'paused', 'ended')),
  next_on date,                             -- the first day that was not dealt with; NULL: none comes
  created_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, rule_id),
  FOREIGN KEY (book_id, member_id) REFERENCES members (book_id, member_id)
);

CREATE TABLE occurrences (                  -- a day of a rule is dealt with once: the row is written with what comes of it
  book_id uuid NOT NULL,
  rule_id uuid NOT NULL,
  day date NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('posted', 'asked', 'skipped')),
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, rule_id, day),
  FOREIGN KEY (book_id, rule_id) REFERENCES recurring
);

CREATE TABLE recurring_clock (              -- global, as what is due is looked for in all books
  rule_id uuid PRIMARY KEY,
  book_id uuid NOT NULL,
  next_at timestamptz NOT NULL
);
CREATE INDEX recurring_clock_next ON recurring_clock (next_at);

GRANT SELECT ON recurring, occurrences, recurring_clock TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON recurring, occurrences TO tuppence_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON recurring_clock TO tuppence_app;

ALTER TABLE recurring ENABLE ROW LEVEL SECURITY;
ALTER TABLE recurring FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON recurring TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON recurring FOR SELECT TO tuppence_auditor USING (true);

ALTER TABLE occurrences ENABLE ROW LEVEL SECURITY;
ALTER TABLE occurrences FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON occurrences TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON occurrences FOR SELECT TO tuppence_auditor USING (true);
