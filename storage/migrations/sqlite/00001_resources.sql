-- +goose Up
-- registry gives resource types (code '') and search parameters small numbers.
CREATE TABLE registry (
  id       INTEGER PRIMARY KEY,
  type     TEXT NOT NULL,
  code     TEXT NOT NULL,
  building INTEGER NOT NULL DEFAULT 0,
  UNIQUE (type, code)
);

-- resource points at the current version of each resource.
CREATE TABLE resource (
  part    INTEGER NOT NULL,
  rid     INTEGER NOT NULL,
  typ     INTEGER NOT NULL,
  fh      INTEGER NOT NULL,
  fid     TEXT    NOT NULL,
  ver     INTEGER NOT NULL,
  vid     INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (part, rid)
) WITHOUT ROWID;
CREATE UNIQUE INDEX resource_id ON resource (part, typ, fh);
CREATE INDEX resource_type ON resource (part, typ, rid) WHERE deleted = 0;
CREATE INDEX resource_updated ON resource (part, typ, updated, rid) WHERE deleted = 0;

-- history holds every version, deletions included; it is only ever added to.
CREATE TABLE history (
  vid  INTEGER PRIMARY KEY,
  part INTEGER NOT NULL,
  rid  INTEGER NOT NULL,
  typ  INTEGER NOT NULL,
  ver  INTEGER NOT NULL,
  op   INTEGER NOT NULL,
  zip  INTEGER NOT NULL,
  body BLOB
);
CREATE UNIQUE INDEX history_version ON history (part, rid, ver);
CREATE INDEX history_type ON history (part, typ, vid);

-- +goose Down
DROP TABLE history;
DROP TABLE resource;
DROP TABLE registry;
