-- +goose Up
-- registry gives resource types (code '') and search parameters small numbers.
CREATE TABLE registry (
  id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type     text NOT NULL,
  code     text NOT NULL,
  building boolean NOT NULL DEFAULT false,
  UNIQUE (type, code)
);

-- resource points at the current version of each resource.
CREATE TABLE resource (
  part    smallint NOT NULL,
  deleted smallint NOT NULL,
  typ     integer  NOT NULL,
  rid     bigint   NOT NULL,
  fh      bigint   NOT NULL,
  ver     bigint   NOT NULL,
  vid     bigint   NOT NULL,
  updated bigint   NOT NULL,
  fid     text COLLATE "C" NOT NULL,
  PRIMARY KEY (part, rid)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX resource_id ON resource (part, typ, fh);
CREATE INDEX resource_type ON resource (part, typ, rid) WHERE deleted = 0;
CREATE INDEX resource_updated ON resource (part, typ, updated, rid) WHERE deleted = 0;

-- history holds every version, deletions included; it is only ever added to.
CREATE TABLE history (
  part smallint NOT NULL,
  op   smallint NOT NULL,
  typ  integer  NOT NULL,
  vid  bigint   NOT NULL,
  rid  bigint   NOT NULL,
  ver  bigint   NOT NULL,
  zip  smallint NOT NULL,
  body bytea,
  PRIMARY KEY (part, vid)
);
CREATE UNIQUE INDEX history_version ON history (part, rid, ver);
CREATE INDEX history_type ON history (part, typ, vid);

-- lz4 reads five times as fast as pglz; a server built without it keeps pglz.
-- +goose StatementBegin
DO $$
BEGIN
  ALTER TABLE history ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE history;
DROP TABLE resource;
DROP TABLE registry;
