-- Names of actors, topics and sources in other systems. Each names one entry of its noun.

CREATE TABLE "actor_identifier" (
    "actor_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "scheme" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "actor_identifier_pkey" PRIMARY KEY ("actor_id","ordinal")
);
CREATE UNIQUE INDEX "actor_identifier_scheme_value_key" ON "actor_identifier"("scheme", "value");
ALTER TABLE "actor_identifier" ADD CONSTRAINT "actor_identifier_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "topic_identifier" (
    "topic_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "scheme" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "topic_identifier_pkey" PRIMARY KEY ("topic_id","ordinal")
);
CREATE UNIQUE INDEX "topic_identifier_scheme_value_key" ON "topic_identifier"("scheme", "value");
ALTER TABLE "topic_identifier" ADD CONSTRAINT "topic_identifier_topic_id_fkey" FOREIGN KEY ("topic_id") REFERENCES "topic"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "source_identifier" (
    "source_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "scheme" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "source_identifier_pkey" PRIMARY KEY ("source_id","ordinal")
);
CREATE UNIQUE INDEX "source_identifier_scheme_value_key" ON "source_identifier"("scheme", "value");
ALTER TABLE "source_identifier" ADD CONSTRAINT "source_identifier_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
