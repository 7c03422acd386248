-- Why a collection is being retracted. A retraction takes many transactions and can be interrupted.
-- Versions that know 20261126216000_merges serve beside this migration.
ALTER TABLE "collection" ADD COLUMN "retracting_reason" TEXT;
