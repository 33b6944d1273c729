-- Reminders of what somebody owes, asked for by whom they owe it, and how people want to be written to about payments.

CREATE TABLE payment_manners (
  person_id uuid PRIMARY KEY REFERENCES people,
  asked_at timestamptz,                       -- when they were asked last where they can be paid
  quiet_since timestamptz                     -- NULL: they may be reminded
);

CREATE TABLE payment_reminders (
  book_id uuid NOT NULL REFERENCES books,
  sender_id uuid NOT NULL,                    -- the member who is reminded
  receiver_id uuid NOT NULL,                  -- the member who asked for it
  remind_at timestamptz,                      -- NULL: nothing is asked for
  reminded_at timestamptz,
  PRIMARY KEY (book_id, sender_id, receiver_id),
  FOREIGN KEY (book_id, sender_id) REFERENCES members (book_id, member_id),
  FOREIGN KEY (book_id, receiver_id) REFERENCES members (book_id, member_id)
);
CREATE INDEX payment_reminders_due ON payment_reminders (remind_at) WHERE remind_at IS NOT NULL;

GRANT SELECT ON payment_manners, payment_reminders TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_manners, payment_reminders TO tuppence_app;
