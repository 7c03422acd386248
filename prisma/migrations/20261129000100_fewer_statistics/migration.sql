-- No plan depends on the values of these columns. Sorting a sample of the facets was half of what an analysis of the log costs, which runs
-- whenever the log has doubled.
-- Versions that know 20261126216000_merges serve beside this migration.
ALTER TABLE change ALTER COLUMN facets SET STATISTICS 0, ALTER COLUMN digest SET STATISTICS 0, ALTER COLUMN content_digest SET STATISTICS 0;
ALTER TABLE statement ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN quote SET STATISTICS 0, ALTER COLUMN input_digest SET STATISTICS 0,
  ALTER COLUMN span_words SET STATISTICS 0;
