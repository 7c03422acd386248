-- Names in Arabic letters are compared with an a for alef, and with a vowel for ain at the beginning of a word.
-- The next start of the service writes these names again.
-- Versions that know 20261126216000_merges serve beside this migration.
DELETE FROM search_name WHERE name ~ '[\u0622\u0623\u0625\u0627\u0639\u0671\ufb50\ufb51\ufe81-\ufe84\ufe87\ufe88\ufe8d\ufe8e\ufec9-\ufecc]';
