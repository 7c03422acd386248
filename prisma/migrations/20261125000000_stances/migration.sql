-- A stance is one towards a proposition. All rows that a SQL statement writes are looked at together, since a list of
-- statements writes hundreds; MATERIALIZED, so that a topic is locked first and looked at then.
CREATE FUNCTION check_stances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bare int;
BEGIN
  WITH held AS MATERIALIZED (
    SELECT id, proposition FROM topic
    WHERE id = ANY (ARRAY(SELECT topic_id FROM written WHERE stance IS NOT NULL)) ORDER BY id FOR SHARE)
  SELECT id INTO bare FROM held WHERE proposition IS NULL;
  IF FOUND THEN
    RAISE EXCEPTION 'topic % has no proposition to take a stance on', bare
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_topic_stance_check';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER statement_topic_stances AFTER INSERT ON statement_topic
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_stances();
CREATE TRIGGER statement_topic_stances_moved AFTER UPDATE ON statement_topic
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_stances();

DROP TRIGGER statement_topic_stance ON statement_topic;
DROP FUNCTION check_stance();
