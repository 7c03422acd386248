-- Names in scripts without spaces between words are also found by their characters: two characters of Han are a word, and too few for
-- trigrams. Scripts: Thai, Lao, Myanmar, Hangul, Khmer, kana, Han.
-- Versions that know 20261126216000_merges serve beside this migration.

-- The characters of a name that belong to such a script. Spaces and marks between them do not count.
CREATE FUNCTION unspaced_characters(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(given,
  '[^\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+',
  '', 'g');

-- Each of these characters, and each two that follow one another.
CREATE FUNCTION character_pieces(given text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT array_agg(DISTINCT substr(own.characters, i, size))
  FROM (SELECT unspaced_characters(given) AS characters) AS own
  CROSS JOIN generate_series(1, length(own.characters)) AS i
  CROSS JOIN (VALUES (1), (2)) AS sizes(size));

CREATE INDEX search_name_actor_pieces_idx ON search_name USING gin (character_pieces(name)) WITH (fastupdate = off) WHERE noun = 'actor';
CREATE INDEX search_name_topic_pieces_idx ON search_name USING gin (character_pieces(name)) WITH (fastupdate = off) WHERE noun = 'topic';
CREATE INDEX search_name_event_pieces_idx ON search_name USING gin (character_pieces(name)) WITH (fastupdate = off) WHERE noun = 'event';
CREATE INDEX search_name_source_pieces_idx ON search_name USING gin (character_pieces(name)) WITH (fastupdate = off) WHERE noun = 'source';
ANALYZE search_name;
