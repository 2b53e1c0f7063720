-- Who steps back from a message does so from what its writer sends later, too. Their own client knows it by what is kept here, sealed
-- to that reviewer alone and signed by them. It is there with every step back and of one size, and null where an earlier release
-- or another client left none.
ALTER TABLE recusal
    ADD COLUMN reminder bytea CHECK (octet_length(reminder) = 18043),
    ADD COLUMN reminder_signature bytea CHECK (octet_length(reminder_signature) = 64),
    ADD CONSTRAINT recusal_reminder_signed CHECK ((reminder IS NULL) = (reminder_signature IS NULL));
