-- +goose Up
-- Places, as points of a sphere of radius 1.
CREATE TABLE sp_position (
  part smallint NOT NULL,
  sp integer NOT NULL,
  x double precision NOT NULL,
  y double precision NOT NULL,
  z double precision NOT NULL,
  rid bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_position_z ON sp_position (part, sp, z, x, y, rid);
CREATE INDEX sp_position_rid ON sp_position (part, rid);

-- +goose Down
DROP TABLE sp_position;
