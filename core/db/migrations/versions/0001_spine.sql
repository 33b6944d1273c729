-- The spine: people, books, the append-only ledger, the inbox and the outbox.
-- Global tables first; tables of a tenant (a book) carry book_id first in every key and are under forced row-level security.

-- ------------------------------------------------------------------ people (global)
CREATE TABLE people (
  id uuid PRIMARY KEY,
  data_key bytea,                           -- the person's own key, wrapped by the master key; NULL once erased (crypto-shredded)
  profile bytea,                            -- encrypted: display name
  language text NOT NULL DEFAULT 'en',
  currency char(3),                         -- NULL: not said yet, guessed from what the person writes
  time_zone text,                           -- IANA name; NULL: not said yet
  personal_book_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  erased_at timestamptz
);
CREATE TABLE addresses (
  address_hash bytea PRIMARY KEY,           -- keyed hash of channel, account and platform user id
  person_id uuid NOT NULL REFERENCES people,
  channel text NOT NULL,
  address bytea NOT NULL,                   -- encrypted with the person's key
  created_at timestamptz NOT NULL
);
CREATE INDEX addresses_person ON addresses (person_id);
CREATE TABLE person_books (                 -- which books a person may see: what a transaction may name comes from here
  person_id uuid NOT NULL REFERENCES people,
  book_id uuid NOT NULL,
  member_id uuid NOT NULL,
  PRIMARY KEY (person_id, book_id)
);
CREATE INDEX person_books_book ON person_books (book_id);
CREATE TABLE join_codes (
  code_hash bytea PRIMARY KEY,              -- keyed hash; the code itself is shown, never stored in clear
  book_id uuid NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL
);

-- ------------------------------------------------------------------ conversations, inbox, outbox (global)
CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  address_hash bytea NOT NULL UNIQUE,       -- keyed hash of channel, account and chat id
  channel text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('private', 'group')),
  address bytea NOT NULL,                   -- encrypted: account and chat id
  data_key bytea,                           -- the conversation's own key, wrapped; NULL once erased
  book_id uuid,                             -- NULL until the first message is answered
  state bytea,                              -- encrypted: the pending question, the entered book, the last things said
  claimed_by integer,                       -- number of the worker that is answering; it is stale once that worker's advisory lock is free
  created_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE inbox_keys (                   -- for ever: a message delivered again, years later, has no second effect
  key bytea PRIMARY KEY,                    -- hash of channel, account, chat, message id, version
  body_hash bytea NOT NULL,                 -- keyed hash of the body: the same key with another body is told apart from a plain repeat
  received_at timestamptz NOT NULL
);
CREATE TABLE inbox (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  conversation_id uuid NOT NULL REFERENCES conversations,
  position bigint NOT NULL,                 -- the platform's own order in the chat; ties by no
  key bytea NOT NULL,
  body bytea,                               -- encrypted message; NULL once erased
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'rejected', 'dead')),
  reason text,                              -- an error code or an intent, never text of the message
  tries smallint NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  finished_at timestamptz,
  trace_id text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX inbox_pending ON inbox (conversation_id, position, no) WHERE state = 'pending';
CREATE INDEX inbox_due ON inbox (next_at) WHERE state = 'pending';
CREATE INDEX inbox_dead ON inbox (finished_at) WHERE state = 'dead';
CREATE TABLE message_effects (              -- what a platform message led to: picks the target of replies and edits
  conversation_id uuid NOT NULL REFERENCES conversations,
  message_hash bytea NOT NULL,              -- keyed hash of the platform's message id (a person's message, or one of ours)
  version bigint NOT NULL,                  -- newest version whose effect stands; an older one that comes later changes nothing
  book_id uuid,
  bill_ids uuid[] NOT NULL DEFAULT '{}',
  outbox_id uuid,                           -- our answer, edited in place when the message is edited
  PRIMARY KEY (conversation_id, message_hash)
);
CREATE TABLE outbox (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  conversation_id uuid NOT NULL REFERENCES conversations,
  dedupe_key bytea NOT NULL UNIQUE,         -- inbox id or job occurrence, effect number, recipient
  urgency text NOT NULL CHECK (urgency IN ('reply', 'notification')),
  body bytea,                               -- encrypted with the conversation's key; NULL once erased
  edits uuid,                               -- outbox id of the message that this one replaces
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead', 'dropped')),
  reason text,
  tries smallint NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  claimed_by integer,
  platform_message_id text,
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  trace_id text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX outbox_pending ON outbox (conversation_id, no) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'pending';
CREATE INDEX outbox_dead ON outbox (created_at) WHERE state = 'dead';
CREATE TABLE buttons (
  id text PRIMARY KEY,                      -- opaque, 128 random bits
  conversation_id uuid NOT NULL REFERENCES conversations,
  outbox_id uuid NOT NULL,
  person_ids uuid[] NOT NULL,               -- who may press; empty: every member of the chat
  action bytea NOT NULL,                    -- encrypted: what it does
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX buttons_outbox ON buttons (outbox_id);
CREATE TABLE job_occurrences (
  job text NOT NULL,
  period text NOT NULL,
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (job, period)
);
CREATE TABLE attachments (                  -- photos as received: encrypted in the blob store, this row says whose
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations,
  person_id uuid NOT NULL REFERENCES people,
  media_type text NOT NULL,
  bytes integer NOT NULL,
  blob_key text NOT NULL,
  data_key bytea NOT NULL,                  -- wrapped
  created_at timestamptz NOT NULL
);

-- ------------------------------------------------------------------ books (tenant)
CREATE TABLE books (
  book_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('personal', 'group', 'family')),
  name text NOT NULL,                       -- erasable
  currency char(3) NOT NULL,
  currency_said boolean NOT NULL DEFAULT false,
  default_split text NOT NULL CHECK (default_split IN ('none', 'everyone')),
  language text NOT NULL DEFAULT 'en',
  time_zone text NOT NULL DEFAULT 'UTC',
  created_at timestamptz NOT NULL
);
CREATE TABLE members (
  book_id uuid NOT NULL REFERENCES books,
  member_id uuid NOT NULL,                  -- also the id of the member's position (account) in the ledger
  person_id uuid,                           -- NULL: a guest, named by others, claimed later
  name text NOT NULL,                       -- erasable; unique among the book's members by its comparison form
  name_key text NOT NULL,                   -- NFKC, case-folded, confusables mapped
  aliases text[] NOT NULL DEFAULT '{}',
  active boolean NOT NULL DEFAULT true,
  joined_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, member_id)
);
CREATE UNIQUE INDEX members_name ON members (book_id, name_key);
CREATE UNIQUE INDEX members_person ON members (book_id, person_id) WHERE person_id IS NOT NULL;

-- ------------------------------------------------------------------ ledger (tenant, append-only)
CREATE TABLE entries (
  book_id uuid NOT NULL REFERENCES books,
  entry_id uuid NOT NULL,
  bill_id uuid NOT NULL,                    -- stays the same over all versions of one bill or settlement
  kind text NOT NULL CHECK (kind IN ('expense', 'settlement', 'income', 'reversal')),
  reverses uuid,                            -- the entry that this one takes back
  category text,
  occurred_on date NOT NULL,
  recorded_at timestamptz NOT NULL,
  actor_id uuid,                            -- the member who caused it; NULL: a job
  split jsonb NOT NULL DEFAULT '{}',        -- split type and frozen weights by member id
  reason text NOT NULL,                     -- recorded, edited, undone, deleted, declined, ...
  effect_key bytea NOT NULL,                -- idempotency key: message and version and effect number, or job and period
  text_commitment bytea NOT NULL,           -- salted hash of the text, so that erasing the text keeps the chain
  chain_no bigint NOT NULL,
  PRIMARY KEY (book_id, entry_id),
  UNIQUE (book_id, effect_key),
  UNIQUE (book_id, reverses),
  FOREIGN KEY (book_id, reverses) REFERENCES entries (book_id, entry_id),
  CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);
CREATE INDEX entries_by_day ON entries (book_id, occurred_on DESC, entry_id DESC);
CREATE INDEX entries_by_actor ON entries (book_id, actor_id, chain_no, entry_id);  -- the chain's order is the order of commits
CREATE INDEX entries_by_bill ON entries (book_id, bill_id, entry_id);
CREATE TABLE postings (
  book_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  no smallint NOT NULL,
  member_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('paid', 'share', 'sent', 'received', 'earned', 'entitled')),
  currency char(3) NOT NULL,
  amount bigint NOT NULL CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000),
  remainder integer NOT NULL DEFAULT 0,     -- millionths of a minor unit: exact share minus booked share
  PRIMARY KEY (book_id, entry_id, no),
  FOREIGN KEY (book_id, entry_id) REFERENCES entries,
  FOREIGN KEY (book_id, member_id) REFERENCES members
);
CREATE TABLE entry_texts (                  -- erasable, apart from the ledger
  book_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  description text,
  salt bytea,
  author_id uuid,                           -- person who wrote it: "delete me" erases it
  PRIMARY KEY (book_id, entry_id)
);
CREATE TABLE balances (
  book_id uuid NOT NULL REFERENCES books,
  member_id uuid NOT NULL,
  currency char(3) NOT NULL,
  amount bigint NOT NULL,                   -- positive: is owed; negative: owes
  remainder bigint NOT NULL,                -- sum of the remainders: whoever is furthest behind gets the next leftover unit
  PRIMARY KEY (book_id, member_id, currency)
) WITH (fillfactor = 70);
CREATE TABLE spending (
  book_id uuid NOT NULL REFERENCES books,
  member_id uuid NOT NULL,
  category text NOT NULL,
  month date NOT NULL,
  currency char(3) NOT NULL,
  amount bigint NOT NULL,                   -- positive: spent
  PRIMARY KEY (book_id, member_id, category, month, currency)
) WITH (fillfactor = 70);
CREATE TABLE chain (                        -- one link a transaction and book
  book_id uuid NOT NULL REFERENCES books,
  chain_no bigint NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (book_id, chain_no)
);
CREATE TABLE chain_heads (
  book_id uuid PRIMARY KEY REFERENCES books,
  chain_no bigint NOT NULL,
  hash bytea NOT NULL
);

-- ------------------------------------------------------------------ zero-sum: the third wall
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  SELECT entry_id, currency, sum(amount) AS total INTO bad FROM inserted GROUP BY entry_id, currency HAVING sum(amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % does not sum to zero in %: %', bad.entry_id, bad.currency, bad.total USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER postings_balance AFTER INSERT ON postings REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ------------------------------------------------------------------ roles and row-level security
-- Roles belong to the whole server: another database, or an administrator, may have made them. An owner who may not grant them to
-- itself must have been granted them; whether it can take them on is checked after the migration.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['tuppence_app', 'tuppence_auditor'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', r);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
      EXECUTE format('GRANT %I TO CURRENT_USER', r);
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO tuppence_app, tuppence_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON people, addresses, person_books, join_codes, conversations, inbox, message_effects, outbox, buttons,
  attachments TO tuppence_app;
GRANT SELECT, INSERT, UPDATE ON books, members, entry_texts, balances, spending, chain_heads TO tuppence_app;
GRANT SELECT, INSERT ON inbox_keys, job_occurrences, entries, postings, chain TO tuppence_app;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['books', 'members', 'entries', 'postings', 'entry_texts', 'balances', 'spending', 'chain', 'chain_heads'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY named_books ON %I TO tuppence_app '
      'USING (book_id IN (SELECT unnest(nullif(current_setting(''tuppence.books'', true), '''')::uuid[]))) '
      'WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting(''tuppence.books'', true), '''')::uuid[])))', t);
    EXECUTE format('CREATE POLICY auditor ON %I FOR SELECT TO tuppence_auditor USING (true)', t);
  END LOOP;
END $$;
