-- What people were told without asking, so that they are told once, and how they want to be told. Both of a person's own book, or of a group's.

CREATE TABLE notices (
  book_id uuid NOT NULL REFERENCES books,
  key_hash bytea NOT NULL,                    -- keyed: the kind, what it is about and its period
  kind text NOT NULL,
  bill_id uuid,                               -- that set it off
  told_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, key_hash)
);
CREATE INDEX notices_told ON notices (book_id, told_at);

CREATE TABLE notice_manners (
  book_id uuid PRIMARY KEY REFERENCES books,
  quiet_from time,                            -- NULL with the other: at no hour
  quiet_until time,
  pace text NOT NULL DEFAULT 'once' CHECK (pace IN ('once', 'daily', 'weekly', 'off')),
  muted_until timestamptz,
  wishes jsonb NOT NULL DEFAULT '{}',         -- a topic to what was said of it
  looked_at timestamptz,                      -- what was recorded until then was looked at
  look_at timestamptz,                        -- when there is to be looked next
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);
CREATE INDEX notice_manners_due ON notice_manners (look_at);

GRANT SELECT ON notices, notice_manners TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON notices, notice_manners TO tuppence_app;
