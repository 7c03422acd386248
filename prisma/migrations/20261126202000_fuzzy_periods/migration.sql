-- The dates of aliases and affiliations are as precise as they are known. "from" is the earliest day that the beginning can mean, and "to"
-- the latest day that the end can mean, so whatever asks for what is in force on a day stays as it is. The text of the date is null
-- where it is that very day.
ALTER TABLE "actor_alias" ADD COLUMN "from_edtf" TEXT, ADD COLUMN "to_edtf" TEXT;
ALTER TABLE actor_alias
  ADD CONSTRAINT actor_alias_from_edtf_check CHECK (from_edtf IS NULL OR "from" IS NOT NULL),
  ADD CONSTRAINT actor_alias_to_edtf_check CHECK (to_edtf IS NULL OR "to" IS NOT NULL);
ALTER TABLE "affiliation" ADD COLUMN "from_edtf" TEXT, ADD COLUMN "to_edtf" TEXT;
ALTER TABLE affiliation
  ADD CONSTRAINT affiliation_from_edtf_check CHECK (from_edtf IS NULL OR "from" IS NOT NULL),
  ADD CONSTRAINT affiliation_to_edtf_check CHECK (to_edtf IS NULL OR "to" IS NOT NULL);
