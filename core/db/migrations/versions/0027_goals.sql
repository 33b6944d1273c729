-- Topics of what nobody asked for that are muted until a moment.

ALTER TABLE notice_manners ADD COLUMN rests jsonb NOT NULL DEFAULT '{}';  -- a topic to the moment
