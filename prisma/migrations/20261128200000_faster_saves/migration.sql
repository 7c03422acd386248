-- The service computes the characters of a name in scripts without spaces, and their pieces, when it writes the name. As an index on a
-- function of SQL they were half the cost of a save. Both columns are null for a name without such characters.
-- The next start of the service writes the names with such characters again. Searches of older versions in these scripts read all names.
-- Versions that know 20261126216000_merges serve beside this migration.
ALTER TABLE "search_name" ADD COLUMN "characters" TEXT, ADD COLUMN "pieces" TEXT[];

DROP INDEX search_name_actor_pieces_idx;
DROP INDEX search_name_topic_pieces_idx;
DROP INDEX search_name_event_pieces_idx;
DROP INDEX search_name_source_pieces_idx;

CREATE INDEX search_name_actor_pieces_idx ON search_name USING gin (pieces) WITH (fastupdate = off) WHERE noun = 'actor';
CREATE INDEX search_name_topic_pieces_idx ON search_name USING gin (pieces) WITH (fastupdate = off) WHERE noun = 'topic';
CREATE INDEX search_name_event_pieces_idx ON search_name USING gin (pieces) WITH (fastupdate = off) WHERE noun = 'event';
CREATE INDEX search_name_source_pieces_idx ON search_name USING gin (pieces) WITH (fastupdate = off) WHERE noun = 'source';
ANALYZE search_name;

-- Sides are derived from affiliations, which have the same foreign keys.
ALTER TABLE "actor_side" DROP CONSTRAINT "actor_side_actor_id_fkey", DROP CONSTRAINT "actor_side_side_id_fkey";
-- A plan for a list of some hundred actors would read whole tables.
ALTER FUNCTION refresh_actor_sides(int[]) SET enable_seqscan = off;
ALTER FUNCTION refresh_actor_sides(int[]) SET enable_hashjoin = off;
ALTER FUNCTION refresh_actor_sides(int[]) SET enable_mergejoin = off;
