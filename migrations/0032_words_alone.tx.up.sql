-- Words go out without the themes that two coders agreed on: nobody who looked at the words, decided on them or was shown them first had
-- seen those beside them. What the writer said must not happen goes along instead, for the clinic alone, and is signed with the words.
-- No constraint: the release before still writes findings with both while it runs. Members' programs hold every finding to it.
ALTER TABLE finding ADD COLUMN must_not text[] NOT NULL DEFAULT '{}';
-- Of what everybody may read: whether it tells of good things alone, so that answers to thanks are no answers to concerns.
ALTER TABLE handover ADD COLUMN praise boolean NOT NULL DEFAULT false;
UPDATE handover SET praise = true
    WHERE public AND themes <> '{}' AND NOT EXISTS (SELECT FROM unnest(themes) AS theme WHERE theme NOT LIKE 'good\_%');
UPDATE handover SET themes = '{}' FROM finding WHERE finding.id = handover.finding_id AND finding.form <> 'theme';
