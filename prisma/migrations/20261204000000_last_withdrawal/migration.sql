-- A writer looks up the entries that it refers to, and can then wait for the counter row while one of them is withdrawn. The row says when an
-- entry was withdrawn last, so that the writer, which gets the newest version of the row, sees that it must look them up again.
-- Versions that know 20261126216000_merges serve beside this migration.
ALTER TABLE "head" ADD COLUMN "withdrawn_position" BIGINT NOT NULL DEFAULT 0;

-- Ends an append whose entries were looked up before the last withdrawal. The transaction can be run again.
CREATE FUNCTION refuse_overtaken() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an entry was withdrawn after the look-up' USING ERRCODE = 'serialization_failure';
END $$;
