-- Names in Greek, Hebrew, Arabic, Armenian, kana, scripts of India, and in Cyrillic with apostrophes are compared by how several letters sound together.
-- The next start of the service writes these names again.
-- Versions that know 20261126216000_merges serve beside this migration.
DELETE FROM search_name WHERE name ~ '[\u0370-\u03ff\u0531-\u06ff\u0900-\u0dff\u3041-\u30ff]' OR name ~ '[\u0400-\u04ff][''\u2019\u02bc]';
