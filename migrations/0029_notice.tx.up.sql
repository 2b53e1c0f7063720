-- Once a panel decides what its form says, whoever runs the server proposes a legal notice, and it holds when enough of the panel
-- have signed it. What is proposed stands here until then.
ALTER TABLE clinic
    ADD COLUMN notice_proposed text NOT NULL DEFAULT '', -- '' where nothing is proposed
    ADD COLUMN notice_proposed_on date, -- null where nothing is proposed
    ADD CHECK ((notice_proposed = '') = (notice_proposed_on IS NULL));
