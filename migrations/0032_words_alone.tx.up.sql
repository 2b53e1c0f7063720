-- Words go out without the themes that two coders agreed on: nobody who looked at the words, decided on them or was shown them first had
-- seen those beside them. What the writer said must not happen goes along instead, for the clinic alone, and is signed with the words.
ALTER TABLE finding ADD COLUMN must_not text[] NOT NULL DEFAULT '{}';
UPDATE handover SET themes = '{}' FROM finding WHERE finding.id = handover.finding_id AND finding.form <> 'theme';
UPDATE finding SET themes = '{}' WHERE form <> 'theme';
ALTER TABLE finding
    ADD CONSTRAINT finding_words_alone CHECK (themes = '{}' OR form = 'theme'),
    ADD CONSTRAINT finding_must_not CHECK (must_not = '{}' OR form <> 'theme' AND retracted_on IS NULL);
