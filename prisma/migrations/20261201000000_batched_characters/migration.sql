-- Characters of names are sorted into these indexes for some hundred names at once. The entry of a frequent character is large, and was written
-- again for each name. A search reads up to 128 kB that are not sorted in yet, which takes no time that can be measured.
-- Versions that know 20261126216000_merges serve beside this migration.
ALTER INDEX search_name_actor_pieces_idx SET (fastupdate = on, gin_pending_list_limit = 128);
ALTER INDEX search_name_topic_pieces_idx SET (fastupdate = on, gin_pending_list_limit = 128);
ALTER INDEX search_name_event_pieces_idx SET (fastupdate = on, gin_pending_list_limit = 128);
ALTER INDEX search_name_source_pieces_idx SET (fastupdate = on, gin_pending_list_limit = 128);
