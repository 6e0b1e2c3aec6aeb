-- +goose Up
-- What subscriptions are told, and how far they have been told. Times are
-- microseconds since 1970, 0 where there is none.
CREATE TABLE subscriber (
  part     smallint NOT NULL,
  id       text COLLATE "C" NOT NULL,
  last     bigint NOT NULL DEFAULT 0,
  done     bigint NOT NULL DEFAULT 0,
  failures bigint NOT NULL DEFAULT 0,
  since    bigint NOT NULL DEFAULT 0,
  due      bigint NOT NULL DEFAULT 0,
  problem  text NOT NULL DEFAULT '',
  holder   text NOT NULL DEFAULT '',
  until    bigint NOT NULL DEFAULT 0,
  secret   bytea,
  PRIMARY KEY (part, id)
);
CREATE INDEX subscriber_pending ON subscriber (part, due) WHERE last > done;

CREATE TABLE event (
  part       smallint NOT NULL,
  subscriber text COLLATE "C" NOT NULL,
  number     bigint NOT NULL,
  kind       text NOT NULL,
  type       text NOT NULL,
  id         text NOT NULL,
  version    bigint NOT NULL,
  at         bigint NOT NULL,
  PRIMARY KEY (part, subscriber, number)
);
CREATE INDEX event_at ON event (part, at);

-- +goose Down
DROP TABLE event;
DROP TABLE subscriber;
