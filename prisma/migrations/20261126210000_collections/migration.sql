-- Collections: documents that came in together, with where they came from. A noun belongs to the collection that added it. Actors, topics,
-- sources and events that nothing refers to can be withdrawn; they keep their rows, for what referred to them.

ALTER TYPE "change_kind" ADD VALUE 'ACTOR_WITHDRAWN';
ALTER TYPE "change_kind" ADD VALUE 'TOPIC_WITHDRAWN';
ALTER TYPE "change_kind" ADD VALUE 'SOURCE_WITHDRAWN';
ALTER TYPE "change_kind" ADD VALUE 'EVENT_WITHDRAWN';
ALTER TYPE "change_kind" ADD VALUE 'COLLECTION_ADDED';
ALTER TYPE "change_kind" ADD VALUE 'COLLECTION_REVISED';
ALTER TYPE "change_kind" ADD VALUE 'COLLECTION_RETRACTED';

CREATE TABLE "collection" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "version" TEXT,
    "url" TEXT,
    "licence" TEXT,
    "files" JSONB,
    "position" BIGINT NOT NULL DEFAULT 0,
    "withdrawal_reason" TEXT,

    CONSTRAINT "collection_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "collection_slug_key" ON "collection"("slug");
CREATE INDEX "collection_title_id_idx" ON "collection"("title", "id");
ALTER TABLE collection ADD CONSTRAINT collection_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$');

CREATE TABLE "collection_revision" (
    "collection_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "collection_revision_pkey" PRIMARY KEY ("collection_id","number")
);
ALTER TABLE "collection_revision" ADD CONSTRAINT "collection_revision_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "actor" ADD COLUMN "withdrawal_reason" TEXT, ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "actor" ADD CONSTRAINT "actor_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "topic" ADD COLUMN "withdrawal_reason" TEXT, ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "topic" ADD CONSTRAINT "topic_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "source" ADD COLUMN "withdrawal_reason" TEXT, ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "source" ADD CONSTRAINT "source_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "event" ADD COLUMN "withdrawal_reason" TEXT, ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "event" ADD CONSTRAINT "event_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "statement" ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "statement" ADD CONSTRAINT "statement_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Most rows of many records belong to no collection, and cost nothing here.
CREATE INDEX actor_collection_idx ON actor (collection_id, id) WHERE collection_id IS NOT NULL;
CREATE INDEX topic_collection_idx ON topic (collection_id, id) WHERE collection_id IS NOT NULL;
CREATE INDEX source_collection_idx ON source (collection_id, id) WHERE collection_id IS NOT NULL;
CREATE INDEX event_collection_idx ON event (collection_id, id) WHERE collection_id IS NOT NULL;
CREATE INDEX statement_collection_list_idx ON statement (collection_id, said_earliest DESC, id DESC, said_latest, status)
  WHERE collection_id IS NOT NULL;

ALTER TABLE "change" ADD COLUMN "collection_id" INTEGER;
ALTER TABLE "change" ADD CONSTRAINT "change_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX change_collection_idx ON change (collection_id) WHERE collection_id IS NOT NULL;
ALTER TABLE change
  DROP CONSTRAINT change_subject_check,
  ADD CONSTRAINT change_subject_check CHECK (
    num_nonnulls(statement_id, actor_id, topic_id, source_id, event_id, collection_id) = 1
    AND CASE split_part(kind::text, '_', 1)
      WHEN 'STATEMENT' THEN statement_id IS NOT NULL AND facets IS NOT NULL
      WHEN 'ACTOR' THEN actor_id IS NOT NULL
      WHEN 'TOPIC' THEN topic_id IS NOT NULL
      WHEN 'SOURCE' THEN source_id IS NOT NULL
      WHEN 'EVENT' THEN event_id IS NOT NULL
      ELSE collection_id IS NOT NULL
    END);
