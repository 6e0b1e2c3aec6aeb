-- +goose Up
-- Interactions that are done after they were accepted. Times are microseconds
-- since 1970.
CREATE TABLE async_request (
  id       text COLLATE "C" PRIMARY KEY,
  owner    text   NOT NULL,
  request  bytea  NOT NULL,
  state    text   NOT NULL,
  progress text   NOT NULL,
  answer   bytea  NOT NULL,
  created  bigint NOT NULL,
  expires  bigint NOT NULL
);
CREATE INDEX async_request_expires ON async_request (expires);

-- +goose Down
DROP TABLE async_request;
