-- The topic of a group in which the photo of a receipt was sent: what is said of it later is said there. Sealed with the row's key; NULL: none.

ALTER TABLE receipts ADD COLUMN thread bytea;
