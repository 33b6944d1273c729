-- What banks wrote, so that the same message records nothing twice, whatever way it comes; and the phones that forward such messages.

CREATE TABLE bank_alerts (
  person_id uuid NOT NULL REFERENCES people,
  alert_key bytea NOT NULL,                 -- keyed hash of the bank's reference, or of the message's words
  book_id uuid,                             -- with bill_id: what it recorded, or was found to be recorded as; NULL: asked about, not answered yet
  bill_id uuid,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, alert_key)
);
CREATE INDEX bank_alerts_bill ON bank_alerts (bill_id) WHERE bill_id IS NOT NULL;

CREATE TABLE sms_forwards (                 -- an address that only a phone's forwarder writes from; who has its token, writes as it
  address_hash bytea PRIMARY KEY,           -- keyed hash of what follows from the token by another keyed hash: the token is kept nowhere
  person_id uuid NOT NULL REFERENCES people,
  consented_at timestamptz NOT NULL,        -- when the person asked for it
  revoked_at timestamptz                    -- when they took it back, or asked for another one
);
CREATE UNIQUE INDEX sms_forwards_person ON sms_forwards (person_id) WHERE revoked_at IS NULL;

GRANT SELECT ON bank_alerts, sms_forwards TO tuppence_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON bank_alerts, sms_forwards TO tuppence_app;
