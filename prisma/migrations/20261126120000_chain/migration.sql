-- Each change carries a digest that is chained to the one before it; docs/history.md defines it. `head` holds the digest
-- that the chain begins at, which is random for each record, and the digest and time of the last change.
ALTER TABLE "change" ADD COLUMN "digest" BYTEA, ADD COLUMN "content_digest" BYTEA;
ALTER TABLE "head" ADD COLUMN "genesis" BYTEA, ADD COLUMN "digest" BYTEA,
  ADD COLUMN "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- What the digest of a change covers besides the digest before it, as JSON without blanks.
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

-- What was recorded before is chained as it stands, without digests of content.
UPDATE head SET genesis = sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'));
ALTER TABLE change DISABLE TRIGGER change_append_only;
UPDATE change SET digest = chained.digest
FROM (
  SELECT position, chain_changes(genesis, change_text(position, kind, at, by, noun, slug, NULL))
    OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS digest
  FROM (SELECT genesis FROM head) AS head, (
    SELECT change.position, change.kind, change.at, change.by, lower(split_part(change.kind::text, '_', 1)) AS noun,
      coalesce(statement.slug, actor.slug, topic.slug, source.slug, event.slug) AS slug
    FROM change LEFT JOIN statement ON statement.id = change.statement_id LEFT JOIN actor ON actor.id = change.actor_id
    LEFT JOIN topic ON topic.id = change.topic_id LEFT JOIN source ON source.id = change.source_id
    LEFT JOIN event ON event.id = change.event_id) AS entry) AS chained
WHERE chained.position = change.position;
ALTER TABLE change ENABLE TRIGGER change_append_only;
UPDATE head SET digest = coalesce((SELECT digest FROM change ORDER BY position DESC LIMIT 1), genesis),
  at = greatest(at, (SELECT max(at) FROM change));

ALTER TABLE "head" ALTER COLUMN "genesis" SET NOT NULL, ALTER COLUMN "digest" SET NOT NULL, DROP COLUMN "epoch",
  ADD CONSTRAINT head_digest_check CHECK (octet_length(genesis) = 32 AND octet_length(digest) = 32);
ALTER TABLE "change" ADD CONSTRAINT change_digest_check
  CHECK (octet_length(digest) = 32 AND octet_length(content_digest) = 32);
