DROP TABLE promise_repeat, judgement, promise_event, promise, response, handover, liaison_session, liaison_key, liaison;
DROP FUNCTION promise_judged_by_two;
DROP TRIGGER handover_taken_back ON submission;
DROP TRIGGER handover_taken_back ON finding;
DROP FUNCTION handover_taken_back;
DROP INDEX finding_by_leaf;
ALTER TABLE clinic DROP COLUMN time_zone;
