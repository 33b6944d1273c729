-- Reports every two weeks, quarter, half year or year.

ALTER TABLE report_schedules ADD COLUMN every_so_many smallint NOT NULL DEFAULT 1 CHECK (every_so_many BETWEEN 1 AND 12);
ALTER TABLE report_schedules DROP CONSTRAINT report_schedules_every_check;
ALTER TABLE report_schedules ADD CONSTRAINT report_schedules_every_check CHECK (every IN ('day', 'week', 'month', 'year'));
ALTER TABLE report_schedules DROP CONSTRAINT report_schedules_conversation_id_book_id_every_key;
ALTER TABLE report_schedules ADD CONSTRAINT report_schedules_one_a_length UNIQUE NULLS NOT DISTINCT (conversation_id, book_id, every, every_so_many);
