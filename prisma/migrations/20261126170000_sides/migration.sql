-- On whose behalf a statement was made, who gave it, and the sides that an actor can speak for.

CREATE TABLE "statement_behalf" (
    "statement_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,

    CONSTRAINT "statement_behalf_pkey" PRIMARY KEY ("statement_id","ordinal")
);
CREATE UNIQUE INDEX "statement_behalf_statement_id_actor_id_key" ON "statement_behalf"("statement_id", "actor_id");
CREATE INDEX "statement_behalf_actor_id_idx" ON "statement_behalf"("actor_id");
ALTER TABLE "statement_behalf" ADD CONSTRAINT "statement_behalf_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "statement_behalf" ADD CONSTRAINT "statement_behalf_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "actor_side" (
    "actor_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "side_id" INTEGER NOT NULL,
    "from" DATE,
    "to" DATE,

    CONSTRAINT "actor_side_pkey" PRIMARY KEY ("actor_id","ordinal")
);
CREATE INDEX "actor_side_side_id_actor_id_idx" ON "actor_side"("side_id", "actor_id");
ALTER TABLE "actor_side" ADD CONSTRAINT "actor_side_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "actor_side" ADD CONSTRAINT "actor_side_side_id_fkey" FOREIGN KEY ("side_id") REFERENCES "actor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The states and organisations that these actors belong to, at any distance, but not through another state or organisation: France
-- is its own side, not that of an organisation of states. The nearest come first; at the same distance a state before an organisation,
-- then the order of the affiliations. The days are those on which all affiliations on the way are in force.
CREATE FUNCTION sides_of(ids int[]) RETURNS TABLE (actor_id int, ordinal int, side_id int, "from" date, "to" date)
  LANGUAGE sql STABLE
  AS $$
    WITH RECURSIVE reached AS (
      SELECT a.id AS actor_id, a.id, a.kind, NULL::date AS "from", NULL::date AS "to", '{}'::int[] AS way, ARRAY[a.id] AS visited
      FROM actor a WHERE a.id = ANY (ids)
      UNION ALL
      SELECT r.actor_id, b.id, b.kind, greatest(r."from", f."from"), least(r."to", f."to"), r.way || f.ordinal, r.visited || b.id
      FROM reached r JOIN affiliation f ON f.actor_id = r.id JOIN actor b ON b.id = f.in_id
      WHERE r.kind NOT IN ('STATE', 'ORGANISATION') AND b.id <> ALL (r.visited)
        AND (greatest(r."from", f."from") <= least(r."to", f."to")) IS NOT FALSE)
    SELECT actor_id, (row_number() OVER (
        PARTITION BY actor_id ORDER BY cardinality(way), kind <> 'STATE', way) - 1)::int, id, "from", "to"
    FROM reached WHERE kind IN ('STATE', 'ORGANISATION')
  $$;

-- Writes the sides of these actors again, and those of every actor that can belong to a side through them. The lock keeps two
-- changes, each of which does not see the other, from leaving sides of neither.
CREATE FUNCTION refresh_actor_sides(ids int[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE concerned int[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('readout actor sides'));
  WITH RECURSIVE below AS (
    SELECT unnest(ids) AS id
    UNION SELECT f.actor_id FROM below JOIN affiliation f ON f.in_id = below.id JOIN actor a ON a.id = f.actor_id
      WHERE a.kind NOT IN ('STATE', 'ORGANISATION'))
  SELECT array_agg(id) INTO concerned FROM below;
  DELETE FROM actor_side WHERE actor_id = ANY (concerned);
  INSERT INTO actor_side (actor_id, ordinal, side_id, "from", "to") SELECT * FROM sides_of(concerned);
END $$;

INSERT INTO actor_side (actor_id, ordinal, side_id, "from", "to") SELECT s.* FROM sides_of(ARRAY(SELECT id FROM actor)) AS s;

-- The givers of a statement: the outermost hop that is no outlet, or else the speakers. Only speakers speak on behalf of another actor.
CREATE FUNCTION givers_of(speaker_ids int[], hop_ids int[], behalf_ids int[]) RETURNS TABLE (actor_id int, for_id int)
  LANGUAGE sql STABLE ROWS 1
  AS $$
    WITH passed AS MATERIALIZED (
      SELECT hop.id FROM unnest(hop_ids) WITH ORDINALITY AS hop (id, n)
      WHERE (SELECT kind FROM actor WHERE actor.id = hop.id) <> 'OUTLET' ORDER BY n DESC LIMIT 1)
    SELECT id, id FROM passed
    UNION ALL SELECT speaker.id, coalesce(behalf.id, speaker.id)
      FROM unnest(speaker_ids) AS speaker (id) LEFT JOIN unnest(behalf_ids) AS behalf (id) ON true
      WHERE NOT EXISTS (SELECT FROM passed)
  $$;

CREATE TABLE "statement_giver" (
    "statement_id" INTEGER NOT NULL,
    "actor_id" INTEGER NOT NULL,
    "for_id" INTEGER NOT NULL,
    "said_earliest" DATE NOT NULL,
    "said_latest" DATE NOT NULL,
    "status" "statement_status" NOT NULL DEFAULT 'CURRENT',

    CONSTRAINT "statement_giver_pkey" PRIMARY KEY ("statement_id","actor_id","for_id")
);
INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest, status)
  SELECT s.id, g.actor_id, g.for_id, s.said_earliest, s.said_latest, s.status
  FROM statement s CROSS JOIN LATERAL givers_of(
    ARRAY(SELECT x.actor_id FROM statement_speaker x WHERE x.statement_id = s.id),
    ARRAY(SELECT x.actor_id FROM attribution x WHERE x.statement_id = s.id ORDER BY ordinal), NULL) AS g;
CREATE INDEX "statement_giver_list_idx" ON "statement_giver"("actor_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");
CREATE INDEX "statement_giver_for_list_idx" ON "statement_giver"("for_id", "said_earliest" DESC, "statement_id" DESC, "said_latest", "status");
-- The actors need no foreign keys: each is a speaker, a hop or a principal of the statement, and those tables have them.
ALTER TABLE "statement_giver" ADD CONSTRAINT "statement_giver_statement_fkey" FOREIGN KEY ("said_earliest", "statement_id", "said_latest", "status") REFERENCES "statement"("said_earliest", "id", "said_latest", "status") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Writes the givers of the statements that an actor passed on again, after it became an outlet or ceased to be one. The lock waits for
-- statements that are being written, and makes later ones wait.
CREATE FUNCTION refresh_givers(passed_on_by int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE statement_giver IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM statement_giver WHERE statement_id IN (SELECT statement_id FROM attribution WHERE actor_id = passed_on_by);
  INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest, status)
    SELECT s.id, g.actor_id, g.for_id, s.said_earliest, s.said_latest, s.status
    FROM (SELECT DISTINCT statement_id FROM attribution WHERE actor_id = passed_on_by) AS hop
    JOIN statement s ON s.id = hop.statement_id
    CROSS JOIN LATERAL givers_of(
      ARRAY(SELECT x.actor_id FROM statement_speaker x WHERE x.statement_id = s.id),
      ARRAY(SELECT x.actor_id FROM attribution x WHERE x.statement_id = s.id ORDER BY ordinal),
      ARRAY(SELECT x.actor_id FROM statement_behalf x WHERE x.statement_id = s.id)) AS g;
END $$;
