-- Addresses whose reader ended all mail by a link in one. It outlives the person who gave the address, and the address itself.

CREATE TABLE mail_stops (                   -- global: of no person
  place_hash bytea PRIMARY KEY,             -- keyed hash of the address, as in mail_codes
  stopped_at timestamptz NOT NULL
);
CREATE INDEX mail_codes_chat ON mail_codes (asked_in, created_at);

GRANT SELECT ON mail_stops TO tuppence_auditor;
GRANT SELECT, INSERT, DELETE ON mail_stops TO tuppence_app;
