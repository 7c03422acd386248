-- The record: actors, topics, sources, events, statements, revisions, the log and the tokens of its recorders.
-- schema.prisma describes the tables, keys and plain indexes. What Prisma cannot express comes first (text search) and last
-- (checks, functions, triggers, search indexes).

CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- English stemming over words without their accents.
CREATE TEXT SEARCH CONFIGURATION readout_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION readout_english
  ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;

-- CreateEnum
CREATE TYPE "actor_kind" AS ENUM ('PERSON', 'STATE', 'ORGANISATION', 'BODY', 'OUTLET');

-- CreateEnum
CREATE TYPE "stance" AS ENUM ('SUPPORTS', 'OPPOSES', 'MIXED', 'NEUTRAL', 'UNCLEAR');

-- CreateEnum
CREATE TYPE "event_kind" AS ENUM ('CALL', 'MEETING', 'SUMMIT', 'PRESS_APPEARANCE', 'MILITARY_ACTION', 'DECISION', 'OTHER');

-- CreateEnum
CREATE TYPE "statement_mode" AS ENUM ('DIRECT', 'INDIRECT', 'MIXED');

-- CreateEnum
CREATE TYPE "statement_act" AS ENUM ('STATE', 'AGREE', 'PLEDGE', 'SUPPORT', 'CONCEDE', 'REQUEST', 'PROPOSE', 'ACCUSE', 'DENY', 'REJECT', 'WARN', 'THREATEN');

-- CreateEnum
CREATE TYPE "attribution_form" AS ENUM ('READOUT', 'REMARKS', 'VIDEO', 'INTERVIEW', 'PRESS_RELEASE', 'SOCIAL_POST', 'REPORT');

-- CreateEnum
CREATE TYPE "link_kind" AS ENUM ('ECHOES', 'AGREES_WITH', 'DISPUTES', 'REPLIES_TO', 'SHIFTS_FROM', 'CORRECTS');

-- CreateEnum
CREATE TYPE "statement_status" AS ENUM ('CURRENT', 'RETRACTED');

-- CreateEnum
CREATE TYPE "change_kind" AS ENUM ('STATEMENT_ADDED', 'STATEMENT_REVISED', 'STATEMENT_RETRACTED', 'ACTOR_ADDED', 'ACTOR_REVISED', 'TOPIC_ADDED', 'TOPIC_REVISED', 'SOURCE_ADDED', 'SOURCE_REVISED', 'EVENT_ADDED', 'EVENT_REVISED');

-- CreateEnum
CREATE TYPE "token_role" AS ENUM ('reader', 'recorder', 'admin');

-- CreateTable
CREATE TABLE "actor" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "actor_kind" NOT NULL,
    "description" TEXT,

    CONSTRAINT "actor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "actor_alias" (
    "actor_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "language" TEXT,
    "metonym" BOOLEAN NOT NULL DEFAULT false,
    "from" DATE,
    "to" DATE,

    CONSTRAINT "actor_alias_pkey" PRIMARY KEY ("actor_id","ordinal")
);

-- CreateTable
CREATE TABLE "affiliation" (
    "actor_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "in_id" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "from" DATE,
    "to" DATE,

    CONSTRAINT "affiliation_pkey" PRIMARY KEY ("actor_id","ordinal")
);

-- CreateTable
CREATE TABLE "topic" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "proposition" TEXT,
    "parent_id" INTEGER,

    CONSTRAINT "topic_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "publisher_id" INTEGER,
    "url" TEXT,
    "published_on" DATE,
    "language" TEXT,
    "digest" CHAR(64),
    "length" INTEGER,
    "text" TEXT,

    CONSTRAINT "source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "event_kind" NOT NULL,
    "description" TEXT,
    "edtf" TEXT NOT NULL,
    "earliest" DATE NOT NULL,
    "latest" DATE NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_participant" (
    "event_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,

    CONSTRAINT "event_participant_pkey" PRIMARY KEY ("event_id","ordinal")
);

-- CreateTable
CREATE TABLE "statement" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "key" TEXT,
    "input_digest" CHAR(64) NOT NULL,
    "text" TEXT NOT NULL,
    "quote" TEXT,
    "language" TEXT,
    "mode" "statement_mode" NOT NULL,
    "act" "statement_act" NOT NULL,
    "said_edtf" TEXT NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "source_id" INTEGER NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',
    "retraction_reason" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "added_position" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "search" tsvector GENERATED ALWAYS AS (to_tsvector('readout_english'::regconfig, ((text || ' '::text) || COALESCE(quote, ''::text)))) STORED,

    CONSTRAINT "statement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "statement_speaker" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "statement_speaker_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "statement_addressee" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "statement_addressee_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "statement_topic" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "stance" "stance",
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "statement_topic_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "statement_event" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "statement_event_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "attribution" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,
    "form" "attribution_form" NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "attribution_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "anchor" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "digest" CHAR(64) NOT NULL,
    "exact" TEXT,

    CONSTRAINT "anchor_pkey" PRIMARY KEY ("statement_id","ordinal")
);

-- CreateTable
CREATE TABLE "statement_link" (
    "from_id" INTEGER NOT NULL,
    "to_id" INTEGER NOT NULL,
    "kind" "link_kind" NOT NULL,

    CONSTRAINT "statement_link_pkey" PRIMARY KEY ("from_id","to_id","kind")
);

-- CreateTable
CREATE TABLE "revision" (
    "statement_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "position" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "revision_pkey" PRIMARY KEY ("statement_id","number")
);

-- CreateTable
CREATE TABLE "change" (
    "position" BIGINT NOT NULL,
    "kind" "change_kind" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "by" TEXT NOT NULL,
    "statement_id" INTEGER,
    "actor_id" INTEGER,
    "topic_id" INTEGER,
    "source_id" INTEGER,
    "event_id" INTEGER,
    "facets" JSONB,
    "digest" BYTEA,
    "content_digest" BYTEA,

    CONSTRAINT "change_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,
    "genesis" BYTEA NOT NULL,
    "digest" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "role" "token_role" NOT NULL,
    "digest" CHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "actor_slug_key" ON "actor"("slug");

-- CreateIndex
CREATE INDEX "actor_name_id_idx" ON "actor"("name", "id");

-- CreateIndex
CREATE INDEX "actor_kind_name_id_idx" ON "actor"("kind", "name", "id");

-- CreateIndex
CREATE INDEX "affiliation_in_id_actor_id_ordinal_idx" ON "affiliation"("in_id", "actor_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "topic_slug_key" ON "topic"("slug");

-- CreateIndex
CREATE INDEX "topic_parent_id_name_id_idx" ON "topic"("parent_id", "name", "id");

-- CreateIndex
CREATE INDEX "topic_name_id_idx" ON "topic"("name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "source_slug_key" ON "source"("slug");

-- CreateIndex
CREATE INDEX "source_published_on_id_idx" ON "source"("published_on" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "source_publisher_id_idx" ON "source"("publisher_id");

-- CreateIndex
CREATE INDEX "source_digest_idx" ON "source"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "event_slug_key" ON "event"("slug");

-- CreateIndex
CREATE INDEX "event_earliest_id_idx" ON "event"("earliest" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "event_participant_actor_id_idx" ON "event_participant"("actor_id");

-- CreateIndex
CREATE UNIQUE INDEX "event_participant_event_id_actor_id_key" ON "event_participant"("event_id", "actor_id");

-- CreateIndex
CREATE UNIQUE INDEX "statement_slug_key" ON "statement"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "statement_key_key" ON "statement"("key");

-- CreateIndex
CREATE UNIQUE INDEX "statement_added_position_key" ON "statement"("added_position");

-- CreateIndex
CREATE INDEX "statement_search_idx" ON "statement" USING GIN ("search");

-- CreateIndex
CREATE INDEX "statement_source_list_idx" ON "statement"("source_id", "said_earliest" DESC, "id" DESC, "said_latest", "status");

-- CreateIndex
CREATE INDEX "statement_act_list_idx" ON "statement"("act", "said_earliest" DESC, "id" DESC, "said_latest", "status");

-- CreateIndex
CREATE INDEX "statement_mode_list_idx" ON "statement"("mode", "said_earliest" DESC, "id" DESC, "said_latest", "status");

-- CreateIndex
CREATE UNIQUE INDEX "statement_said_key" ON "statement"("said_earliest" DESC, "id" DESC, "said_latest", "status");

-- CreateIndex
CREATE INDEX "statement_speaker_list_idx" ON "statement_speaker"("actor_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE UNIQUE INDEX "statement_speaker_statement_id_actor_id_key" ON "statement_speaker"("statement_id", "actor_id");

-- CreateIndex
CREATE INDEX "statement_addressee_list_idx" ON "statement_addressee"("actor_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE UNIQUE INDEX "statement_addressee_statement_id_actor_id_key" ON "statement_addressee"("statement_id", "actor_id");

-- CreateIndex
CREATE INDEX "statement_topic_list_idx" ON "statement_topic"("topic_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE INDEX "statement_topic_stance_list_idx" ON "statement_topic"("stance", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE UNIQUE INDEX "statement_topic_statement_id_topic_id_key" ON "statement_topic"("statement_id", "topic_id");

-- CreateIndex
CREATE INDEX "statement_event_list_idx" ON "statement_event"("event_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE UNIQUE INDEX "statement_event_statement_id_event_id_key" ON "statement_event"("statement_id", "event_id");

-- CreateIndex
CREATE INDEX "attribution_list_idx" ON "attribution"("actor_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");

-- CreateIndex
CREATE INDEX "statement_link_to_id_kind_from_id_idx" ON "statement_link"("to_id", "kind", "from_id");

-- CreateIndex
CREATE INDEX "change_statement_id_idx" ON "change"("statement_id");

-- CreateIndex
CREATE UNIQUE INDEX "token_name_key" ON "token"("name");

-- CreateIndex
CREATE UNIQUE INDEX "token_digest_key" ON "token"("digest");

-- AddForeignKey
ALTER TABLE "actor_alias" ADD CONSTRAINT "actor_alias_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "affiliation" ADD CONSTRAINT "affiliation_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "affiliation" ADD CONSTRAINT "affiliation_in_id_fkey" FOREIGN KEY ("in_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "topic" ADD CONSTRAINT "topic_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "topic"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source" ADD CONSTRAINT "source_publisher_id_fkey" FOREIGN KEY ("publisher_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_participant" ADD CONSTRAINT "event_participant_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "event"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_participant" ADD CONSTRAINT "event_participant_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement" ADD CONSTRAINT "statement_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_speaker" ADD CONSTRAINT "statement_speaker_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_speaker" ADD CONSTRAINT "statement_speaker_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_addressee" ADD CONSTRAINT "statement_addressee_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_addressee" ADD CONSTRAINT "statement_addressee_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_topic" ADD CONSTRAINT "statement_topic_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_topic" ADD CONSTRAINT "statement_topic_topic_id_fkey" FOREIGN KEY ("topic_id") REFERENCES "topic"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_event" ADD CONSTRAINT "statement_event_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_event" ADD CONSTRAINT "statement_event_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "event"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attribution" ADD CONSTRAINT "attribution_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attribution" ADD CONSTRAINT "attribution_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "anchor" ADD CONSTRAINT "anchor_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_link" ADD CONSTRAINT "statement_link_from_id_fkey" FOREIGN KEY ("from_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_link" ADD CONSTRAINT "statement_link_to_id_fkey" FOREIGN KEY ("to_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision" ADD CONSTRAINT "revision_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_topic_id_fkey" FOREIGN KEY ("topic_id") REFERENCES "topic"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "event"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Names for search: lower case, without accents.
CREATE FUNCTION fold(name text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, name)) $$;

CREATE INDEX actor_name_trgm_idx ON actor USING gin (fold(name) gin_trgm_ops);
CREATE INDEX actor_alias_name_trgm_idx ON actor_alias USING gin (fold(name) gin_trgm_ops);
CREATE INDEX topic_name_trgm_idx ON topic USING gin (fold(name) gin_trgm_ops);

-- Statements whose date spans more than a day. A date range must also look for these few outside its bounds.
CREATE INDEX statement_imprecise_idx ON statement USING gist (daterange(said_earliest, said_latest, '[]'))
  INCLUDE (said_earliest, said_latest) WHERE said_latest > said_earliest;

-- Slugs, digests and spans. PostgreSQL pads a digest that is too short with blanks, and a blank is no hexadecimal digit.
ALTER TABLE actor ADD CONSTRAINT actor_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$');
ALTER TABLE topic ADD CONSTRAINT topic_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$');
ALTER TABLE event ADD CONSTRAINT event_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$');
ALTER TABLE source
  ADD CONSTRAINT source_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  ADD CONSTRAINT source_digest_check CHECK (digest ~ '^[0-9a-f]+$'),
  ADD CONSTRAINT source_length_check CHECK (length > 0);
ALTER TABLE anchor
  ADD CONSTRAINT anchor_start_check CHECK (start >= 0),
  ADD CONSTRAINT anchor_end_check CHECK ("end" > start),
  ADD CONSTRAINT anchor_digest_check CHECK (digest ~ '^[0-9a-f]+$');

-- Dates run forward.
ALTER TABLE event ADD CONSTRAINT event_date_check CHECK (latest >= earliest);
ALTER TABLE actor_alias ADD CONSTRAINT actor_alias_dates_check CHECK ("to" >= "from");
ALTER TABLE affiliation
  ADD CONSTRAINT affiliation_dates_check CHECK ("to" >= "from"),
  ADD CONSTRAINT affiliation_self_check CHECK (actor_id <> in_id);

ALTER TABLE statement
  ADD CONSTRAINT statement_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  ADD CONSTRAINT statement_said_check CHECK (said_latest >= said_earliest),
  ADD CONSTRAINT statement_quote_check CHECK (mode <> 'DIRECT' OR quote IS NOT NULL),
  ADD CONSTRAINT statement_retraction_check CHECK ((status = 'RETRACTED') = (retraction_reason IS NOT NULL)),
  ADD CONSTRAINT statement_position_check CHECK (added_position > 0 AND position >= added_position);
ALTER TABLE statement_link ADD CONSTRAINT statement_link_self_check CHECK (from_id <> to_id);

-- Every change has exactly one subject, of the noun that its kind begins with.
ALTER TABLE change
  ADD CONSTRAINT change_position_check CHECK (position > 0),
  ADD CONSTRAINT change_subject_check CHECK (
    num_nonnulls(statement_id, actor_id, topic_id, source_id, event_id) = 1
    AND CASE split_part(kind::text, '_', 1)
      WHEN 'STATEMENT' THEN statement_id IS NOT NULL AND facets IS NOT NULL
      WHEN 'ACTOR' THEN actor_id IS NOT NULL
      WHEN 'TOPIC' THEN topic_id IS NOT NULL
      WHEN 'SOURCE' THEN source_id IS NOT NULL
      ELSE event_id IS NOT NULL
    END),
  ADD CONSTRAINT change_digest_check CHECK (octet_length(digest) = 32 AND octet_length(content_digest) = 32);

-- The log is a chain of digests; docs/history.md defines it. `head` has the digest that the chain begins with, which is random
-- for each record, and the position, digest and time of the last change.
ALTER TABLE head
  ADD CONSTRAINT head_single_check CHECK (id = 1),
  ADD CONSTRAINT head_position_check CHECK (position >= 0),
  ADD CONSTRAINT head_digest_check CHECK (octet_length(genesis) = 32 AND octet_length(digest) = 32);
INSERT INTO head (genesis, digest)
  SELECT genesis, genesis FROM sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')) AS genesis;

-- The text that the digest of a change covers, beside the previous digest: JSON without blanks.
CREATE FUNCTION change_text("position" bigint, kind change_kind, at timestamptz, by text, noun text, slug text, content bytea)
  RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat('["', "position", '","', kind, '","',
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '",', to_json(by), ',"', noun, '","', slug, '",',
    coalesce('"' || encode(content, 'hex') || '"', 'null'), ']') $$;

-- PL/pgSQL, since PostgreSQL keeps its plans: a function in SQL is planned again for each statement before version 18.
CREATE FUNCTION chain_change(before bytea, start bytea, entry text)
  RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$ BEGIN RETURN sha256(coalesce(before, start) || convert_to(entry, 'UTF8')); END $$;

-- As a window function, the digest of each change of a list that follows the digest `start`.
CREATE AGGREGATE chain_changes(start bytea, entry text) (SFUNC = chain_change, STYPE = bytea);


-- The log is written once.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON change FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A stance needs a proposition.
CREATE FUNCTION check_stance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT proposition FROM topic WHERE id = NEW.topic_id FOR SHARE) IS NULL THEN
    RAISE EXCEPTION 'topic % has no proposition to take a stance on', NEW.topic_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_topic_stance_check';
  END IF;
  RETURN NEW;
END $$;
-- Only for an update that names these columns. Dates and status cascade from the statement, and must not lock its topics after
-- the counter row is locked.
CREATE TRIGGER statement_topic_stance BEFORE UPDATE OF topic_id, stance ON statement_topic
  FOR EACH ROW WHEN (NEW.stance IS NOT NULL) EXECUTE FUNCTION check_stance();

-- The rows of one INSERT are checked together, because a list of statements inserts hundreds. MATERIALIZED locks each topic
-- before it is read.
CREATE FUNCTION check_stances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bare int;
BEGIN
  WITH held AS MATERIALIZED (
    SELECT id, proposition FROM topic
    WHERE id = ANY (ARRAY(SELECT topic_id FROM written WHERE stance IS NOT NULL)) ORDER BY id FOR SHARE)
  SELECT id INTO bare FROM held WHERE proposition IS NULL;
  IF FOUND THEN
    RAISE EXCEPTION 'topic % has no proposition to take a stance on', bare
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_topic_stance_check';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER statement_topic_stances AFTER INSERT ON statement_topic
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_stances();

CREATE FUNCTION check_proposition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM statement_topic WHERE topic_id = NEW.id AND stance IS NOT NULL) THEN
    RAISE EXCEPTION 'statements take a stance on the proposition of topic %', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'topic_proposition_check';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER topic_proposition BEFORE UPDATE OF proposition ON topic
  FOR EACH ROW WHEN (OLD.proposition IS NOT NULL AND NEW.proposition IS NULL) EXECUTE FUNCTION check_proposition();

-- Topics form a tree. The lock keeps two moves, each harmless alone, from making a cycle together.
CREATE FUNCTION check_topic_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('readout topic tree'));
  IF EXISTS (
    WITH RECURSIVE above(id, parent_id) AS (
      SELECT NEW.parent_id, (SELECT parent_id FROM topic WHERE id = NEW.parent_id)
      UNION SELECT topic.id, topic.parent_id FROM topic JOIN above ON topic.id = above.parent_id
    ) SELECT FROM above WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'topic % would be its own ancestor', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'topic_tree_check';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER topic_tree BEFORE INSERT OR UPDATE OF parent_id ON topic
  FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION check_topic_tree();
