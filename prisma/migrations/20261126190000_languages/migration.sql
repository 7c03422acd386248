-- Full-text search in the language of the words. Until now all words had English stems, so few other forms of a Russian, German or
-- French word were found.

-- For each language two configurations: PostgreSQL's own, whose stems need the accents, and `readout_<name>` without accents, which finds
-- words that are written without them. `simple` is for languages without a stemmer.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'finnish', 'french', 'german', 'greek',
    'hindi', 'hungarian', 'indonesian', 'irish', 'italian', 'lithuanian', 'nepali', 'norwegian', 'portuguese', 'romanian', 'russian',
    'serbian', 'simple', 'spanish', 'swedish', 'tamil', 'turkish', 'yiddish']
  LOOP
    EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)', 'readout_' || name, name);
    EXECUTE format('ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING FOR hword, hword_part, word WITH unaccent, pg_catalog.%I',
      'readout_' || name, CASE name WHEN 'simple' THEN name ELSE name || '_stem' END);
  END LOOP;
END $$;

-- The words of a text but those that are too common in English.
CREATE TEXT SEARCH DICTIONARY readout_content (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION readout_content (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION readout_content ALTER MAPPING REPLACE pg_catalog.english_stem WITH readout_content;

-- The name of the stemmer for a language tag (BCP 47); null for English and where the language is not known.
CREATE FUNCTION search_language(language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN language IS NULL THEN NULL ELSE CASE lower(split_part(language, '-', 1))
    WHEN 'en' THEN NULL WHEN 'und' THEN NULL WHEN 'mul' THEN NULL WHEN 'mis' THEN NULL WHEN 'zxx' THEN NULL
    WHEN 'de' THEN 'german' WHEN 'es' THEN 'spanish' WHEN 'fr' THEN 'french' WHEN 'ru' THEN 'russian' WHEN 'ar' THEN 'arabic'
    WHEN 'ca' THEN 'catalan' WHEN 'da' THEN 'danish' WHEN 'el' THEN 'greek' WHEN 'eu' THEN 'basque' WHEN 'fi' THEN 'finnish'
    WHEN 'ga' THEN 'irish' WHEN 'hi' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'hy' THEN 'armenian' WHEN 'id' THEN 'indonesian'
    WHEN 'it' THEN 'italian' WHEN 'lt' THEN 'lithuanian' WHEN 'nb' THEN 'norwegian' WHEN 'ne' THEN 'nepali' WHEN 'nl' THEN 'dutch'
    WHEN 'nn' THEN 'norwegian' WHEN 'no' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian' WHEN 'sr' THEN 'serbian'
    WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil' WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish'
    ELSE 'simple' END END $$;

-- A text with blanks for quotation marks, apostrophes, dashes and other signs. Where the character type of the database is C, PostgreSQL
-- takes every character beyond ASCII for a letter. ASCII has none of them, and is most of the text of many records.
CREATE FUNCTION search_text(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE octet_length(words) WHEN length(words) THEN words ELSE regexp_replace(translate(words, U&'\2010\2011', '--'),
    '[\u00a0-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02b9-\u02bd\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4\u060c\u060d\u061b\u061e\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u21ff\u2212\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+',
    ' ', 'g') END $$;

-- What search looks in. English words have English stems. Of another language, the words of the quote have its stems, and so have those of
-- the text, which a recorder may have taken from the source. Only a text without a quote is then searched for words such as “will”, which
-- are too common in English. The lexeme of the language keeps the stems of one language from being found in another.
-- PL/pgSQL, since PostgreSQL keeps its plans.
CREATE FUNCTION search_vector(words text, quote text, language text) RETURNS tsvector
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$
DECLARE
  name text := public.search_language(language);
  own text;
  content text := '';
BEGIN
  IF name IS NULL THEN
    RETURN to_tsvector('public.readout_english'::regconfig, public.search_text(words || ' ' || coalesce(quote, '')));
  END IF;
  own := public.search_text(coalesce(quote, words));
  words := public.search_text(words);
  IF quote IS NOT NULL THEN
    content := array_to_string(tsvector_to_array(to_tsvector('public.readout_content'::regconfig, words)), ' ');
  END IF;
  RETURN to_tsvector('public.readout_english'::regconfig, words)
    || to_tsvector(('public.readout_' || name)::regconfig, own)
    || strip(to_tsvector(('pg_catalog.' || name)::regconfig, own || ' ' || content))
    || array_to_tsvector(ARRAY['@' || name]);
END $$;

-- A search in the syntax of websearch_to_tsquery, for statements of one language by search_language: each word or phrase in English or
-- in that language. A word that is too common in one of the two counts only where there is no other, so “will” finds the German word, and
-- “will negotiate” finds what it finds in English.
CREATE FUNCTION search_query_in(search text, language text) RETURNS tsquery
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$
DECLARE
  words CONSTANT text := public.search_text(search);
  whole CONSTANT tsquery := websearch_to_tsquery('public.readout_english'::regconfig, words);
  own regconfig;
  folded regconfig;
  terms text[];
  found tsquery := '';
  required tsquery := '';
  common tsquery := '';
  is_operand boolean := false;
  term text;
  english tsquery;
  native tsquery;
  bare tsquery;
  either tsquery;
BEGIN
  IF language IS NULL THEN RETURN whole; END IF;
  own := 'pg_catalog.' || language;
  folded := 'public.readout_' || language;
  -- Most names, and many other words, have the same stem in all languages.
  IF websearch_to_tsquery(own, words) = whole AND websearch_to_tsquery(folded, words) = whole THEN RETURN whole; END IF;
  terms := ARRAY(SELECT part[1] FROM regexp_matches(words, '(?:-\s*)*(?:"[^"]*"?|[^-\s"][^\s"]*)', 'g') AS part);
  FOR i IN 1 .. cardinality(terms) LOOP
    IF lower(terms[i]) = 'or' AND is_operand AND i < cardinality(terms) THEN
      found := found || CASE numnode(required) WHEN 0 THEN common ELSE required END;
      required := '';
      common := '';
      is_operand := false;
      CONTINUE;
    END IF;
    is_operand := true;
    term := ltrim(terms[i], E'- \t\n');
    english := websearch_to_tsquery('public.readout_english'::regconfig, term);
    native := websearch_to_tsquery(own, term);
    bare := websearch_to_tsquery(folded, term);
    either := english;
    IF native <> english THEN either := either || native; END IF;
    IF bare <> english AND bare <> native THEN either := either || bare; END IF;
    IF terms[i] LIKE '-%' THEN
      required := required && !!either;
    ELSIF numnode(english) = 0 OR numnode(native) = 0 THEN
      common := common && either;
    ELSE
      required := required && either;
    END IF;
  END LOOP;
  RETURN found || CASE numnode(required) WHEN 0 THEN common ELSE required END;
END $$;

-- A search for statements of all languages. `languages` are those that the record uses, by search_language.
CREATE FUNCTION search_query(search text, languages text[]) RETURNS tsquery
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$
DECLARE
  english CONSTANT tsquery := public.search_query_in(search, NULL);
  found tsquery := english;
  others tsquery := '';
  language text;
  own tsquery;
  mark tsquery;
BEGIN
  FOREACH language IN ARRAY languages LOOP
    own := public.search_query_in(search, language);
    CONTINUE WHEN own = english;
    mark := quote_literal('@' || language);
    IF numnode(english) > 0 THEN found := found && !!mark; END IF;
    IF numnode(own) > 0 THEN others := others || (mark && own); END IF;
  END LOOP;
  RETURN found || others;
END $$;

DO $$
DECLARE statements bigint := (SELECT count(*) FROM statement);
BEGIN
  IF statements > 20000 THEN
    RAISE NOTICE 'The words of % statements are indexed again. This takes some minutes for each million.', statements
      USING ERRCODE = 'RM001';
  END IF;
END $$;
-- PostgreSQL can change the expression of a generated column since version 17 only.
ALTER TABLE statement DROP COLUMN search;
ALTER TABLE statement ADD COLUMN search tsvector GENERATED ALWAYS AS (search_vector(text, quote, language)) STORED;
CREATE INDEX statement_search_idx ON statement USING gin (search);

-- The languages that the record uses are read from this index, one probe for each.
CREATE INDEX statement_search_language_idx ON statement (search_language(language)) WHERE search_language(language) IS NOT NULL;
