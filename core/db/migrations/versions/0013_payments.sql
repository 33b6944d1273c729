-- Where people can be paid, and payments from "here is how" to "it arrived". The settlement itself is an entry of the ledger, made when it arrived.

CREATE TABLE payment_methods (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people,
  account_hash bytea NOT NULL,                -- keyed hash of kind and account: said again, it is the same method
  uri bytea NOT NULL,                         -- encrypted with the person's key: a payto: URI
  added_at timestamptz NOT NULL,
  UNIQUE (person_id, account_hash)
);

CREATE TABLE payments (
  book_id uuid NOT NULL REFERENCES books,
  payment_id uuid NOT NULL,
  reference text NOT NULL,                    -- what a bank carries with the money
  sender_id uuid NOT NULL,
  receiver_id uuid NOT NULL,
  currency char(3) NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),  -- minor units
  state text NOT NULL CHECK (state IN ('proposed', 'link_sent', 'payer_says_paid', 'receiver_confirmed', 'declined', 'cancelled')),
  rail text,                                  -- the one that was chosen; NULL: not said, or in cash
  proposed_at timestamptz NOT NULL,
  link_sent_at timestamptz,
  said_paid_at timestamptz,
  closed_at timestamptz,                      -- confirmed, declined or cancelled
  bill_id uuid,                               -- the settlement that it became
  PRIMARY KEY (book_id, payment_id),
  UNIQUE (book_id, reference),
  FOREIGN KEY (book_id, sender_id) REFERENCES members (book_id, member_id),
  FOREIGN KEY (book_id, receiver_id) REFERENCES members (book_id, member_id),
  CHECK (sender_id <> receiver_id),
  CHECK ((state = 'receiver_confirmed') = (bill_id IS NOT NULL))
);
CREATE UNIQUE INDEX payments_bill ON payments (book_id, bill_id) WHERE bill_id IS NOT NULL;
CREATE INDEX payments_open ON payments (book_id, sender_id, receiver_id) WHERE closed_at IS NULL;

GRANT SELECT ON payment_methods, payments TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_methods TO tuppence_app;
GRANT SELECT, INSERT, UPDATE ON payments TO tuppence_app;

ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;
CREATE POLICY named_books ON payments TO tuppence_app
  USING (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])))
  WITH CHECK (book_id IN (SELECT unnest(nullif(current_setting('tuppence.books', true), '')::uuid[])));
CREATE POLICY auditor ON payments FOR SELECT TO tuppence_auditor USING (true);
