-- +goose Up
-- note keeps by name what modules must remember that is no resource.
CREATE TABLE note (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  value   BLOB NOT NULL
);

-- +goose Down
DROP TABLE note;
