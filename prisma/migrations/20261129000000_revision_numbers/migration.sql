-- Versions that know 20261126216000_merges serve beside this migration.

-- The number of the latest revision of each of these entries that has one. A write asks for them each time, so the plan is kept; and it never
-- scans the table, which was empty when the plan was made.
DO $$
DECLARE noun text;
BEGIN
  FOREACH noun IN ARRAY ARRAY['statement', 'actor', 'topic', 'source', 'event', 'collection'] LOOP
    EXECUTE format($sql$
      CREATE FUNCTION %1$s_revision_numbers(ids int[]) RETURNS TABLE (id int, number int)
        LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
        AS 'BEGIN RETURN QUERY SELECT r.%1$s_id, max(r.number) FROM %2$s r WHERE r.%1$s_id = ANY (ids) GROUP BY r.%1$s_id; END'
      $sql$, noun, CASE noun WHEN 'statement' THEN 'revision' ELSE noun || '_revision' END);
  END LOOP;
END $$;

-- As before, except that EXCEPT finds the sources whose texts changed. PostgreSQL compared each source of a list with all others, also where
-- none has a text.
CREATE OR REPLACE FUNCTION read_source_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed CONSTANT int[] := ARRAY(
    SELECT id FROM (
      SELECT id, text IS NULL, CASE WHEN text IS NOT NULL THEN digest END, CASE WHEN text IS NOT NULL THEN language END FROM written
      EXCEPT
      SELECT id, text IS NULL, CASE WHEN text IS NOT NULL THEN digest END, CASE WHEN text IS NOT NULL THEN language END FROM former) AS differing);
  early int[];
  late int[];
BEGIN
  IF cardinality(changed) = 0 THEN RETURN NULL; END IF;
  early := ARRAY(SELECT id FROM statement WHERE source_id = ANY (changed) ORDER BY id FOR NO KEY UPDATE);
  IF cardinality(early) > 0 THEN PERFORM write_span_words(id, early) FROM unnest(changed) AS id; END IF;
  PERFORM FROM head FOR NO KEY UPDATE;
  late := ARRAY(SELECT id FROM statement WHERE source_id = ANY (changed) EXCEPT SELECT unnest(early));
  IF cardinality(late) > 0 THEN PERFORM write_span_words(id, late) FROM unnest(changed) AS id; END IF;
  RETURN NULL;
END $$;
