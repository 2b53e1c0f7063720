-- Whoever wrote waits for a person's word: how long until somebody first answers them, and until they are told what came of it, is the
-- panel's to decide like its other deadlines. Practices of before have the defaults.
ALTER TABLE practice
    ADD COLUMN reply integer NOT NULL DEFAULT 7, -- days until somebody has answered the writer
    ADD COLUMN feedback integer NOT NULL DEFAULT 90; -- days until the writer is told what the panel decided
