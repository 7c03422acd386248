-- Names are compared without the vowel signs of Arabic and Hebrew, hamza, soft and hard signs. The next start of the service writes the names
-- that have them again.
-- Versions that know 20261126216000_merges serve beside this migration.
DELETE FROM search_name WHERE name ~ '[\u0591-\u05c7\u0621-\u0626\u0629\u0640\u0649\u064b-\u065f\u0670\u0671\u044a\u044c\u042a\u042c]';
