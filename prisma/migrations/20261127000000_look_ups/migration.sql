-- Versions that know 20261126216000_merges serve beside this migration.

-- The statements that have one of these slugs or keys. A write asks for them each time, so the plan is kept; and it never scans the table,
-- whatever size the table had when the plan was made.
CREATE FUNCTION taken_statements(slugs text[], keys text[]) RETURNS SETOF statement
  LANGUAGE plpgsql STABLE ROWS 1 SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
  AS $$ BEGIN RETURN QUERY SELECT * FROM statement WHERE slug = ANY (slugs) OR key = ANY (keys); END $$;
