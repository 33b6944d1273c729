-- A group chat that goes on under another id is another conversation with the same book: the platform numbers its messages anew there, so
-- that a message and an earlier one of the same number must not be taken for each other. What comes late under the old id is still answered.
ALTER TABLE conversations ADD COLUMN moved_to uuid REFERENCES conversations;
CREATE INDEX conversations_moved ON conversations (moved_to) WHERE moved_to IS NOT NULL;
