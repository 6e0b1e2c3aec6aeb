-- +goose Up
-- Interactions that are done after they were accepted. Times are microseconds
-- since 1970.
CREATE TABLE async_request (
  id       TEXT PRIMARY KEY,
  owner    TEXT    NOT NULL,
  request  BLOB    NOT NULL,
  state    TEXT    NOT NULL,
  progress TEXT    NOT NULL,
  answer   BLOB    NOT NULL,
  created  INTEGER NOT NULL,
  expires  INTEGER NOT NULL
);
CREATE INDEX async_request_expires ON async_request (expires);

-- +goose Down
DROP TABLE async_request;
