-- Life in a group: who may do what, what it has agreed on, bills that wait for a second pair of eyes, comments, who is the same, a pinned balance.

ALTER TABLE members ADD COLUMN role text NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member', 'viewer'));
ALTER TABLE members ADD COLUMN same_as uuid;              -- the position of somebody who turned out to be the same; NULL: their own
ALTER TABLE members ADD FOREIGN KEY (book_id, same_as) REFERENCES members (book_id, member_id);
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;          -- the owner sees all books for this one statement
UPDATE members m SET role = 'admin' FROM (
  SELECT DISTINCT ON (book_id) book_id, member_id FROM members WHERE active AND person_id IS NOT NULL ORDER BY book_id, joined_at, member_id
) oldest WHERE m.book_id = oldest.book_id AND m.member_id = oldest.member_id;
ALTER TABLE members FORCE ROW LEVEL SECURITY;

ALTER TABLE books ADD COLUMN own_only boolean NOT NULL DEFAULT false;   -- others' bills are changed by admins alone
ALTER TABLE books ADD COLUMN approve_over bigint;                       -- minor units; NULL: nothing waits
ALTER TABLE books ADD COLUMN approve_currency char(3);
ALTER TABLE books ADD COLUMN quiet_from time;                           -- in the group's zone; NULL: never quiet
ALTER TABLE books ADD COLUMN quiet_until time;
ALTER TABLE books ADD COLUMN archived_at timestamptz;
ALTER TABLE books ADD CHECK ((approve_over IS NULL) = (approve_currency IS NULL)), ADD CHECK ((quiet_from IS NULL) = (quiet_until IS NULL));

CREATE TABLE approvals (                    -- global, as what waits is looked for in all books; a bill is posted when it was approved
  id uuid PRIMARY KEY,
  book_id uuid NOT NULL,
  bill_id uuid NOT NULL,                    -- the bill that it becomes, or that it changes
  conversation_id uuid NOT NULL REFERENCES conversations,
  person_id uuid NOT NULL REFERENCES people,  -- who wrote it: it goes with them
  member_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
  data_key bytea,                           -- wrapped; opens content
  content bytea,                            -- encrypted: the bill; NULL once decided
  created_at timestamptz NOT NULL,
  remind_at timestamptz,                    -- NULL: nothing to be reminded of
  decided_at timestamptz
);
CREATE INDEX approvals_waiting ON approvals (book_id, bill_id) WHERE state = 'waiting';
CREATE INDEX approvals_person ON approvals (person_id);
CREATE INDEX approvals_reminders ON approvals (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE pins (                         -- global: the message of a group's chat that shows its balances, edited in place
  book_id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations,
  outbox_id uuid NOT NULL,
  stale_at timestamptz,                     -- when the balances last moved; NULL: it shows them
  shown_at timestamptz NOT NULL,
  words bytea NOT NULL                      -- keyed hash of what it says: the same is not sent again
);
CREATE INDEX pins_stale ON pins (stale_at) WHERE stale_at IS NOT NULL;

CREATE TABLE bill_comments (
  book_id uuid NOT NULL REFERENCES books,
  comment_id uuid NOT NULL,
  bill_id uuid NOT NULL,
  person_id uuid NOT NULL,                  -- who wrote it: it goes with them
  member_id uuid NOT NULL,
  data_key bytea,                           -- wrapped; opens text; NULL once erased
  text bytea,                               -- encrypted; NULL once erased
  said_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, comment_id),
  FOREIGN KEY (book_id, member_id) REFERENCES members (book_id, member_id)
);
CREATE INDEX bill_comments_bill ON bill_comments (book_id, bill_id, said_at);
CREATE INDEX entries_recorded ON entries (book_id, recorded_at);

GRANT SELECT ON approvals, pins, bill_comments TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON approvals, pins TO tuppence_app;
GRANT SELECT, INSERT, UPDATE ON bill_comments TO tuppence_app;

ALTER TABLE bill_comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE bill_comments FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON bill_comments TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON bill_comments FOR SELECT TO tuppence_auditor USING (true);
