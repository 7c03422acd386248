-- Members of an actor and links to a statement are read part by part, in the order of their list.
CREATE INDEX "affiliation_in_id_actor_id_ordinal_idx" ON "affiliation"("in_id", "actor_id", "ordinal");
DROP INDEX "affiliation_in_id_idx";
CREATE INDEX "statement_link_to_id_kind_from_id_idx" ON "statement_link"("to_id", "kind", "from_id");
DROP INDEX "statement_link_to_id_idx";
