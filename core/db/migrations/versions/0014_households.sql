-- Who counts as one when a group shares equally, and how a group shares what names nobody.

ALTER TABLE members ADD COLUMN household uuid;   -- the same for those who count as one; NULL: alone
ALTER TABLE books ADD COLUMN default_weights jsonb NOT NULL DEFAULT '{}';   -- word of a description ("": any) -> member id -> weight, as text
