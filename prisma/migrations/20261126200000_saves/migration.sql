-- Saves change single fields. Each entry has the position of its latest change, which guards against overwriting, and keeps its former
-- versions. Entries that were saved before have no versions from that time.

ALTER TABLE "actor" ADD COLUMN "position" BIGINT NOT NULL DEFAULT 0;
UPDATE actor SET position = last.position
  FROM (SELECT actor_id AS id, max(position) AS position FROM change WHERE actor_id IS NOT NULL GROUP BY actor_id) AS last
  WHERE actor.id = last.id;
CREATE TABLE "actor_revision" (
    "actor_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "actor_revision_pkey" PRIMARY KEY ("actor_id","number")
);
ALTER TABLE "actor_revision" ADD CONSTRAINT "actor_revision_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "topic" ADD COLUMN "position" BIGINT NOT NULL DEFAULT 0;
UPDATE topic SET position = last.position
  FROM (SELECT topic_id AS id, max(position) AS position FROM change WHERE topic_id IS NOT NULL GROUP BY topic_id) AS last
  WHERE topic.id = last.id;
CREATE TABLE "topic_revision" (
    "topic_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "topic_revision_pkey" PRIMARY KEY ("topic_id","number")
);
ALTER TABLE "topic_revision" ADD CONSTRAINT "topic_revision_topic_id_fkey" FOREIGN KEY ("topic_id") REFERENCES "topic"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "source" ADD COLUMN "position" BIGINT NOT NULL DEFAULT 0;
UPDATE source SET position = last.position
  FROM (SELECT source_id AS id, max(position) AS position FROM change WHERE source_id IS NOT NULL GROUP BY source_id) AS last
  WHERE source.id = last.id;
CREATE TABLE "source_revision" (
    "source_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "source_revision_pkey" PRIMARY KEY ("source_id","number")
);
ALTER TABLE "source_revision" ADD CONSTRAINT "source_revision_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "event" ADD COLUMN "position" BIGINT NOT NULL DEFAULT 0;
UPDATE event SET position = last.position
  FROM (SELECT event_id AS id, max(position) AS position FROM change WHERE event_id IS NOT NULL GROUP BY event_id) AS last
  WHERE event.id = last.id;
CREATE TABLE "event_revision" (
    "event_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "event_revision_pkey" PRIMARY KEY ("event_id","number")
);
ALTER TABLE "event_revision" ADD CONSTRAINT "event_revision_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "event"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Sources are looked up by their address. A hash index also takes addresses that are too long for a B-tree.
CREATE INDEX "source_url_idx" ON "source" USING HASH ("url");
