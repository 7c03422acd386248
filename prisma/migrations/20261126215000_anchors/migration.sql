-- Whether the words of an anchor were found when its source got a new text.

CREATE TYPE "anchor_status" AS ENUM ('PLACED', 'AMBIGUOUS', 'ORPHANED');
ALTER TABLE "anchor" ADD COLUMN "status" "anchor_status" NOT NULL DEFAULT 'PLACED';
ALTER TABLE anchor ADD CONSTRAINT anchor_status_check CHECK (status = 'PLACED' OR start IS NOT NULL);
-- The few anchors that a coder should look at, in the order of their statements.
CREATE INDEX anchor_lost_idx ON anchor (source_id, statement_id) WHERE status <> 'PLACED';
