-- Reports that are sent every so often: one a chat, book and length of time.

CREATE TABLE report_schedules (             -- global: looked through over all chats for those that are due
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people,
  conversation_id uuid NOT NULL REFERENCES conversations,
  book_id uuid REFERENCES books,            -- NULL: the person's own parts over all their books
  every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
  weekday smallint CHECK (weekday BETWEEN 1 AND 7),
  at time NOT NULL,                         -- in the zone
  zone text NOT NULL,
  form text NOT NULL CHECK (form IN ('text', 'png', 'pdf', 'csv', 'xlsx')),
  language text NOT NULL,
  next_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (conversation_id, book_id, every),
  CHECK ((every = 'week') = (weekday IS NOT NULL))
);
CREATE INDEX report_schedules_due ON report_schedules (next_at);
CREATE INDEX report_schedules_person ON report_schedules (person_id);

GRANT SELECT ON report_schedules TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON report_schedules TO tuppence_app;
