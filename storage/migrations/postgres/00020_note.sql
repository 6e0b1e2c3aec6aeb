-- +goose Up
-- note keeps by name what modules must remember that is no resource.
CREATE TABLE note (
  name    text PRIMARY KEY,
  version bigint NOT NULL,
  value   bytea NOT NULL
);

-- +goose Down
DROP TABLE note;
