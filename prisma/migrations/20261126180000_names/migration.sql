-- The names that a search finds, in Latin letters, so that neither the script of a name nor the locale of the database matters. The
-- service writes them, because PostgreSQL can't transliterate; it adds those of the rows that are here already at its next start.
CREATE TYPE "named_noun" AS ENUM ('actor', 'topic', 'event', 'source');

CREATE TABLE "search_name" (
    "id" SERIAL NOT NULL,
    "noun" "named_noun" NOT NULL,
    "subject_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "latin" TEXT NOT NULL,
    "sound" TEXT NOT NULL,
    "words" TEXT[],

    CONSTRAINT "search_name_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "search_name_noun_subject_id_name_key" ON "search_name"("noun", "subject_id", "name");

-- An index for each noun, so that a search for actors does not read the titles of sources.
CREATE INDEX search_name_actor_idx ON search_name USING gin (words) WHERE noun = 'actor';
CREATE INDEX search_name_topic_idx ON search_name USING gin (words) WHERE noun = 'topic';
CREATE INDEX search_name_event_idx ON search_name USING gin (words) WHERE noun = 'event';
CREATE INDEX search_name_source_idx ON search_name USING gin (words) WHERE noun = 'source';

-- The words of all names. They are not unique, because writers would wait for one another; a word that is here twice does no harm.
CREATE TABLE "search_word" (
    "id" SERIAL NOT NULL,
    "word" TEXT NOT NULL,
    "sound" TEXT NOT NULL,

    CONSTRAINT "search_word_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "search_word_word_idx" ON "search_word"("word");
CREATE INDEX "search_word_sound_idx" ON "search_word"("sound");
CREATE INDEX search_word_word_trgm_idx ON search_word USING gin (word gin_trgm_ops);

-- The searches that used these read the new tables now. The function stays for processes of the former version.
DROP INDEX actor_name_trgm_idx;
DROP INDEX actor_alias_name_trgm_idx;
DROP INDEX topic_name_trgm_idx;
