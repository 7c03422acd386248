-- What coders bring: who coded a statement and how surely, the speakers as the source writes them, the roles and locators of anchors, and the
-- order within a source. A statement with a quote needs no text, and one with a mention needs no speaker.

ALTER TABLE "source" ADD COLUMN "licence" TEXT;

ALTER TABLE "statement" ALTER COLUMN "text" DROP NOT NULL,
ADD COLUMN "order" INTEGER,
ADD COLUMN "coder" TEXT,
ADD COLUMN "confidence" DOUBLE PRECISION;
ALTER TABLE statement
  ADD CONSTRAINT statement_text_check CHECK (text IS NOT NULL OR quote IS NOT NULL),
  ADD CONSTRAINT statement_order_check CHECK ("order" >= 0),
  ADD CONSTRAINT statement_confidence_check CHECK (confidence BETWEEN 0 AND 1);
-- Partial, so that statements without them cost nothing.
CREATE INDEX statement_coder_list_idx ON statement (coder, said_earliest DESC, id DESC, said_latest, status) WHERE coder IS NOT NULL;
CREATE INDEX statement_confidence_idx ON statement (confidence) WHERE confidence IS NOT NULL;

CREATE TABLE "statement_mention" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "as" TEXT NOT NULL,
    "actor_id" INTEGER,

    CONSTRAINT "statement_mention_pkey" PRIMARY KEY ("statement_id","ordinal")
);
CREATE INDEX "statement_mention_actor_id_idx" ON "statement_mention"("actor_id");
ALTER TABLE "statement_mention" ADD CONSTRAINT "statement_mention_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "statement_mention" ADD CONSTRAINT "statement_mention_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- The mentions of whom it is not known who is meant, by their words.
CREATE INDEX statement_mention_unresolved_idx ON statement_mention ("as", statement_id) WHERE actor_id IS NULL;

CREATE TYPE "anchor_role" AS ENUM ('CONTENT', 'CUE', 'SPEAKER', 'ADDRESSEE');
ALTER TABLE "anchor" ALTER COLUMN "start" DROP NOT NULL,
ALTER COLUMN "end" DROP NOT NULL,
ALTER COLUMN "digest" DROP NOT NULL,
ADD COLUMN "role" "anchor_role" NOT NULL DEFAULT 'CONTENT',
ADD COLUMN "prefix" TEXT,
ADD COLUMN "suffix" TEXT,
ADD COLUMN "page" TEXT,
ADD COLUMN "paragraph" TEXT,
ADD COLUMN "time_code" TEXT,
ADD COLUMN "source_id" INTEGER;
ALTER TABLE anchor
  ADD CONSTRAINT anchor_span_check CHECK ((start IS NULL) = ("end" IS NULL) AND (start IS NULL OR digest IS NOT NULL)),
  ADD CONSTRAINT anchor_place_check CHECK (start IS NOT NULL OR page IS NOT NULL OR paragraph IS NOT NULL OR time_code IS NOT NULL);
UPDATE anchor SET source_id = statement.source_id FROM statement WHERE statement.id = anchor.statement_id;
CREATE INDEX "anchor_source_id_start_idx" ON "anchor"("source_id", "start");
-- The few spans that can reach far beyond their start, and the anchors that only their digest can find.
CREATE INDEX anchor_long_idx ON anchor (source_id, start) WHERE "end" - start > 2000;
CREATE INDEX anchor_digest_idx ON anchor (source_id, digest) WHERE start IS NULL AND digest IS NOT NULL;

-- The former version of the service, which runs on while processes restart one after the other, does not write the source of an anchor.
CREATE FUNCTION complete_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE anchor SET source_id = (SELECT source_id FROM statement WHERE id = NEW.statement_id)
    WHERE statement_id = NEW.statement_id AND ordinal = NEW.ordinal;
  RETURN NULL;
END $$;
CREATE TRIGGER anchor_source AFTER INSERT ON anchor
  FOR EACH ROW WHEN (NEW.source_id IS NULL) EXECUTE FUNCTION complete_anchor();

-- As before, for statements without a text too. The words that search looks in are those of the quote.
CREATE OR REPLACE FUNCTION search_vector(words text, quote text, language text) RETURNS tsvector
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$
DECLARE
  name text := public.search_language(language);
  own text;
  content text := '';
BEGIN
  IF words IS NULL THEN
    words := coalesce(quote, '');
    quote := NULL;
  END IF;
  IF name IS NULL THEN
    RETURN to_tsvector('public.readout_english'::regconfig, public.search_text(words || ' ' || coalesce(quote, '')));
  END IF;
  own := public.search_text(coalesce(quote, words));
  words := public.search_text(words);
  IF quote IS NOT NULL THEN
    content := array_to_string(tsvector_to_array(to_tsvector('public.readout_content'::regconfig, words)), ' ');
  END IF;
  RETURN to_tsvector('public.readout_english'::regconfig, words)
    || to_tsvector(('public.readout_' || name)::regconfig, own)
    || strip(to_tsvector(('pg_catalog.' || name)::regconfig, own || ' ' || content))
    || array_to_tsvector(ARRAY['@' || name]);
END $$;
