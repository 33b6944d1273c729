-- Exchange rates as a source outside published them, the same for everybody; and the one currency in which a group wants to settle.

CREATE TABLE rates (
  base char(3) NOT NULL,
  quote char(3) NOT NULL,
  day date NOT NULL,                 -- of the rate, not of the fetching
  source text NOT NULL,
  rate text NOT NULL CHECK (rate ~ '^[0-9]+([.][0-9]+)?$'),   -- units of quote for one of base, exactly as they were published
  fetched_at timestamptz NOT NULL,
  PRIMARY KEY (day, source, base, quote)
);

GRANT SELECT ON rates TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE ON rates TO tuppence_app;

ALTER TABLE books ADD COLUMN settles_in char(3);   -- NULL: every currency by itself
