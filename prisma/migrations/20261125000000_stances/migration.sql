-- A stance is one towards a proposition. Rows that one SQL statement inserts are looked at together, since a list of
-- statements inserts hundreds; MATERIALIZED, so that a topic is locked first and looked at then.
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

-- An update is still looked at row by row, and only where it names these columns: dates and status, which cascade from
-- the statement, must not lock its topics after the counter row is locked.
DROP TRIGGER statement_topic_stance ON statement_topic;
CREATE TRIGGER statement_topic_stance BEFORE UPDATE OF topic_id, stance ON statement_topic
  FOR EACH ROW WHEN (NEW.stance IS NOT NULL) EXECUTE FUNCTION check_stance();
