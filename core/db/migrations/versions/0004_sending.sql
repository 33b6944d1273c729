-- Sending within what platforms, people and purses allow. None of these tables says who was written to, or what.

ALTER TABLE conversations
  ADD COLUMN heard_at timestamptz,          -- when its people last wrote; a platform with a window counts from here
  ADD COLUMN opted_out_at timestamptz;      -- when the platform said that they want nothing; over once they write again (heard_at is later)
UPDATE conversations SET heard_at = created_at;

ALTER TABLE outbox
  ADD COLUMN counts boolean NOT NULL DEFAULT true,   -- false: toasts and reactions, which no pace applies to
  ADD COLUMN unsure boolean NOT NULL DEFAULT false,  -- an earlier try may have arrived
  ADD COLUMN stands uuid,                            -- dropped for another letter, which says what this one was to say
  ADD COLUMN tried uuid[] NOT NULL DEFAULT '{}';     -- conversations that refused it, the one it was meant for first
CREATE INDEX outbox_free ON outbox (conversation_id, no) WHERE state = 'pending' AND NOT counts;
CREATE INDEX outbox_edits ON outbox (conversation_id, no) WHERE state = 'pending' AND edits IS NOT NULL;
CREATE INDEX outbox_held ON outbox (conversation_id, no) WHERE state = 'pending' AND reason = 'held';
CREATE INDEX outbox_stands ON outbox (stands) WHERE stands IS NOT NULL;

CREATE TABLE chat_limits (                  -- only chats that were sent to under a pace, were paused, or wrote too fast
  conversation_id uuid PRIMARY KEY REFERENCES conversations,
  free_at timestamptz NOT NULL DEFAULT '-infinity',  -- the pace: nothing that counts is sent before
  paused_until timestamptz,                 -- the platform's own word: nothing at all is sent before
  calls timestamptz[] NOT NULL DEFAULT '{}',         -- the last sends to a group, as many as a minute may see
  slowed_at timestamptz                     -- when its people were last told to slow down
) WITH (fillfactor = 50);
CREATE TABLE channel_slots (                -- a channel with a pace of N a second has N slots; each begins at most one send a second
  channel text NOT NULL,
  no smallint NOT NULL,
  owner integer NOT NULL,                   -- number of the worker that uses it
  leased_until timestamptz NOT NULL,
  PRIMARY KEY (channel, no)
) WITH (fillfactor = 50);
CREATE TABLE channel_pauses (               -- the platform refused the whole channel for a while
  channel text PRIMARY KEY,
  until timestamptz NOT NULL
);
CREATE TABLE day_sends (                    -- what was sent for money, by UTC day
  day date NOT NULL,
  scope text NOT NULL CHECK (scope IN ('all', 'channel', 'country', 'chat')),
  key text NOT NULL,                        -- a channel, with a calling code or the id of a conversation
  sent integer NOT NULL,
  PRIMARY KEY (day, scope, key)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_limits, channel_slots, channel_pauses, day_sends TO tuppence_app;
