-- PostgreSQL takes “war/peace” for the name of a file, so neither of the words was found. A slash separates words now.
-- Versions that know 20261126216000_merges serve beside this migration.
CREATE OR REPLACE FUNCTION search_text(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE octet_length(words) WHEN length(words) THEN translate(words, '/', ' ')
    ELSE regexp_replace(translate(words, U&'\2010\2011/', '-- '),
    '[\u00a0-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02b9-\u02bd\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4\u060c\u060d\u061b\u061e\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u21ff\u2212\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+',
    ' ', 'g') END $$;

-- The search of these statements is computed again.
UPDATE statement SET text = text, quote = quote WHERE text LIKE '%/%' OR quote LIKE '%/%';
