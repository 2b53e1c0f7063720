ALTER TABLE recusal
    DROP COLUMN reminder,
    DROP COLUMN reminder_signature;
