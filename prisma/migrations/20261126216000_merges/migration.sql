-- An actor that was merged into another one is withdrawn, and its slug leads to that one. A change can say why it was made.

ALTER TABLE "actor" ADD COLUMN "merged_into_id" INTEGER;
ALTER TABLE "actor" ADD CONSTRAINT "actor_merged_into_id_fkey" FOREIGN KEY ("merged_into_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE actor ADD CONSTRAINT actor_merged_check CHECK (merged_into_id IS NULL OR withdrawal_reason IS NOT NULL);
CREATE INDEX actor_merged_into_idx ON actor (merged_into_id) WHERE merged_into_id IS NOT NULL;

ALTER TABLE "change" ADD COLUMN "reason" TEXT;
