-- A name of several words is searched as one word, too, because some scripts write no spaces. Nearly every name has another such word, so
-- they are most of all words. A misspelt word is compared with single words only, which have an index of their own.
ALTER TABLE search_word ADD COLUMN is_joined BOOLEAN NOT NULL DEFAULT false;

UPDATE search_word SET is_joined = true WHERE word NOT IN (
  SELECT w FROM search_name, unnest(words) WITH ORDINALITY AS own (w, n) WHERE n < cardinality(words) OR n = 1);

DROP INDEX search_word_word_trgm_idx;
CREATE INDEX search_word_single_trgm_idx ON search_word USING gin (word gin_trgm_ops) WHERE NOT is_joined;
CREATE INDEX search_word_joined_trgm_idx ON search_word USING gin (word gin_trgm_ops) WHERE is_joined;

-- Every look-up of a word would read the entries that are not sorted in yet. A search looks up hundreds of words of names, and few trigrams.
ALTER INDEX search_name_actor_idx SET (fastupdate = off);
ALTER INDEX search_name_topic_idx SET (fastupdate = off);
ALTER INDEX search_name_event_idx SET (fastupdate = off);
ALTER INDEX search_name_source_idx SET (fastupdate = off);
SELECT gin_clean_pending_list(indexrelid) FROM pg_index WHERE indexrelid::regclass::text LIKE 'search_name_%_idx';
ALTER INDEX search_word_single_trgm_idx SET (gin_pending_list_limit = 128);
ALTER INDEX search_word_joined_trgm_idx SET (gin_pending_list_limit = 128);
