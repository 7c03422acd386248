-- Filters by office and by link read these indexes.

-- Folds the case of any script, whatever the locale of the database, as the process does for subscriptions. Without ICU, PostgreSQL
-- folds the letters that the locale knows.
DO $do$
BEGIN
  EXECUTE format('CREATE FUNCTION fold_case(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN %s',
    CASE WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu')
      THEN 'lower(given COLLATE pg_catalog."und-x-icu")' ELSE 'lower(given)' END);
END $do$;
CREATE INDEX "affiliation_folded_role_idx" ON "affiliation"(fold_case("role"));

CREATE INDEX "statement_link_kind_from_id_idx" ON "statement_link"("kind", "from_id");
CREATE INDEX "statement_link_kind_to_id_idx" ON "statement_link"("kind", "to_id");
