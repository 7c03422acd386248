-- As before, except that only the pieces of a text are read that the spans need. The whole text was divided for each revision of a statement.
-- Versions that know 20261126216000_merges serve beside this migration.
CREATE OR REPLACE FUNCTION write_span_words(of_source int, statements int[]) RETURNS void LANGUAGE plpgsql AS $$
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
    -- PostgreSQL counts all code points of a text to read a part of it. So the spans are read from pieces, and the pieces from blocks of 16.
    needed AS MATERIALIZED (
      SELECT DISTINCT n FROM span CROSS JOIN LATERAL generate_series(start / 4096, ("end" - 1) / 4096) AS n),
    block AS MATERIALIZED (
      SELECT b, substr(whole, b * 65536 + 1, 65536) AS words FROM (SELECT DISTINCT n / 16 AS b FROM needed) AS numbered),
    piece AS MATERIALIZED (
      SELECT n, substr(block.words, n % 16 * 4096 + 1, 4096) AS words FROM needed JOIN block ON b = n / 16),
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
