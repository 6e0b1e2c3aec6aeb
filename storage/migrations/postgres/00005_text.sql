-- +goose Up
-- The words of narratives and of whole resources with their places; see
-- index/words.go.
CREATE TABLE sp_text (
  part smallint NOT NULL,
  sp integer NOT NULL,
  rid bigint NOT NULL,
  words tsvector NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_text_rid ON sp_text (part, rid, sp);
CREATE INDEX sp_text_words ON sp_text USING gin (words);

-- lz4 reads five times as fast as pglz; a server built without it keeps pglz.
-- +goose StatementBegin
DO $$
BEGIN
  ALTER TABLE sp_text ALTER COLUMN words SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE sp_text;
