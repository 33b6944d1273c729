-- Questions to a language model are counted as what is sent for money is: by day, in all and for each person.
ALTER TABLE day_sends DROP CONSTRAINT day_sends_scope_check;
ALTER TABLE day_sends ADD CONSTRAINT day_sends_scope_check CHECK (scope IN ('all', 'channel', 'country', 'chat', 'model', 'model_person'));
