-- Search covers the words of spans, too, while the record keeps the text of their source.
-- Versions that know 20261126216000_merges serve beside this migration.
DO $$
DECLARE statements bigint := (SELECT count(*) FROM statement);
BEGIN
  IF statements > 20000 THEN
    RAISE NOTICE 'The words of % statements are indexed again. This takes some minutes for each million.', statements
      USING ERRCODE = 'RM001';
  END IF;
END $$;

-- What its CONTENT spans say beside its quote, and the language tag of that. Both are null without a kept text.
ALTER TABLE statement ADD COLUMN span_words text, ADD COLUMN span_language text;

-- Writes these columns of statements of a source, or of all its statements where `statements` is null. A span whose words are not at its place
-- has none. The first 10,000 code points of a statement are searched.
CREATE FUNCTION write_span_words(of_source int, statements int[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  whole text;
  tag text;
BEGIN
  -- A copy, because PostgreSQL would decompress the text of the table for each piece.
  SELECT text || '', language INTO whole, tag FROM source WHERE id = of_source;
  IF whole IS NULL THEN
    UPDATE statement SET span_words = NULL, span_language = NULL
      WHERE source_id = of_source AND span_words IS NOT NULL AND (statements IS NULL OR id = ANY (statements));
    RETURN;
  END IF;
  WITH own AS MATERIALIZED (
      SELECT id, quote, coalesce(tag, language) AS language, search_language(coalesce(tag, language)) IS NOT DISTINCT FROM search_language(language) AS is_same
      FROM statement WHERE source_id = of_source AND (statements IS NULL OR id = ANY (statements))),
    span AS MATERIALIZED (
      SELECT a.statement_id, a.ordinal, a.start, a."end", a.digest FROM anchor a
      WHERE a.statement_id IN (SELECT id FROM own) AND a.start IS NOT NULL AND a.role = 'CONTENT' AND a.status = 'PLACED'),
    -- Code points are counted from the beginning of a text, so thousands of spans are read from pieces of it.
    piece AS MATERIALIZED (
      SELECT n, substr(whole, n * 4096 + 1, 4096) AS words FROM generate_series(0, length(whole) / 4096) AS n),
    found AS (
      SELECT statement_id, ordinal, span.digest,
        substr(string_agg(words, '' ORDER BY n), start % 4096 + 1, "end" - start) AS words
      FROM span CROSS JOIN LATERAL generate_series(start / 4096, ("end" - 1) / 4096) AS n JOIN piece USING (n)
      GROUP BY statement_id, ordinal, start, "end", span.digest),
    said AS (
      SELECT own.id, own.language, left(string_agg(words, E'\n' ORDER BY ordinal), 10000) AS words
      FROM own LEFT JOIN found ON found.statement_id = own.id AND encode(sha256(convert_to(words, 'UTF8')), 'hex') = digest
        AND NOT (is_same AND position(words IN coalesce(quote, '')) > 0)
      GROUP BY own.id, own.language)
  UPDATE statement SET span_words = words, span_language = CASE WHEN words IS NOT NULL THEN said.language END
  FROM said WHERE statement.id = said.id
    AND (span_words, span_language) IS DISTINCT FROM (words, CASE WHEN words IS NOT NULL THEN said.language END);
END $$;

SELECT write_span_words(id, NULL) FROM source WHERE text IS NOT NULL;

-- The spans can be in another language than the quote; the lexemes of both languages are then in the column. Not a function, which PostgreSQL
-- would parse again for each list of statements. PostgreSQL can change the expression of a generated column since version 17 only.
ALTER TABLE statement DROP COLUMN search;
ALTER TABLE statement ADD COLUMN search tsvector GENERATED ALWAYS AS (
  CASE WHEN span_words IS NULL THEN search_vector(text, quote, language)
    ELSE search_vector(text, quote, language) || search_vector(NULL::text, span_words, span_language) END) STORED;
CREATE INDEX statement_search_idx ON statement USING gin (search);

-- The languages of kept texts, one probe for each.
CREATE INDEX source_search_language_idx ON source (search_language(language)) WHERE text IS NOT NULL AND search_language(language) IS NOT NULL;

-- A statement that is recorded, revised or placed again. This runs when the counter row is locked, and each query of the function sees what was
-- committed by then, so no text is missed that another transaction has attached.
CREATE FUNCTION read_span_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Most lists have no source with a text.
  IF EXISTS (SELECT FROM written WHERE start IS NOT NULL AND (SELECT text IS NOT NULL FROM source WHERE source.id = source_id)) THEN
    PERFORM write_span_words(source_id, array_agg(DISTINCT statement_id)) FROM written GROUP BY source_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER anchor_written AFTER INSERT ON anchor
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION read_span_words();
CREATE TRIGGER anchor_placed AFTER UPDATE ON anchor
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION read_span_words();

-- A revision writes the source of its statement, and the anchors after it.
CREATE FUNCTION forget_span_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.span_words := NULL;
  NEW.span_language := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER statement_revised BEFORE UPDATE OF source_id ON statement
  FOR EACH ROW WHEN (NEW.span_words IS NOT NULL) EXECUTE FUNCTION forget_span_words();

-- A text that is attached, replaced or removed. The digest of a kept text is its own. As all writers do, it locks the statements before the counter
-- row. Most of the work is done before that row is locked, which all writers wait for. With that row, no other statement is committed.
CREATE FUNCTION read_source_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed CONSTANT int[] := ARRAY(
    SELECT id FROM former JOIN written USING (id)
    WHERE (former.text IS NULL) <> (written.text IS NULL)
      OR written.text IS NOT NULL AND (former.digest, former.language) IS DISTINCT FROM (written.digest, written.language));
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
CREATE TRIGGER source_written AFTER UPDATE ON source
  REFERENCING OLD TABLE AS former NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION read_source_words();

-- As before, and faster for the many lists of statements without a stance.
CREATE OR REPLACE FUNCTION check_stances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bare int;
BEGIN
  IF NOT EXISTS (SELECT FROM written WHERE stance IS NOT NULL) THEN RETURN NULL; END IF;
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
