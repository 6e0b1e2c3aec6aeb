-- +goose Up
-- Places, as points of a sphere of radius 1.
CREATE TABLE sp_position (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  z    REAL    NOT NULL,
  x    REAL    NOT NULL,
  y    REAL    NOT NULL,
  rid  INTEGER NOT NULL,
  PRIMARY KEY (part, sp, z, x, y, rid)
) WITHOUT ROWID;
CREATE INDEX sp_position_rid ON sp_position (part, rid, sp);

-- +goose Down
DROP TABLE sp_position;
