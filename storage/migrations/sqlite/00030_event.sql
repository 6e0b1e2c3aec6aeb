-- +goose Up
-- What subscriptions are told, and how far they have been told. Times are
-- microseconds since 1970, 0 where there is none.
CREATE TABLE subscriber (
  part     INTEGER NOT NULL,
  id       TEXT NOT NULL,
  last     INTEGER NOT NULL DEFAULT 0,
  done     INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  since    INTEGER NOT NULL DEFAULT 0,
  due      INTEGER NOT NULL DEFAULT 0,
  problem  TEXT NOT NULL DEFAULT '',
  holder   TEXT NOT NULL DEFAULT '',
  until    INTEGER NOT NULL DEFAULT 0,
  secret   BLOB,
  PRIMARY KEY (part, id)
);
CREATE INDEX subscriber_pending ON subscriber (part, due) WHERE last > done;

CREATE TABLE event (
  part       INTEGER NOT NULL,
  subscriber TEXT NOT NULL,
  number     INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  type       TEXT NOT NULL,
  id         TEXT NOT NULL,
  version    INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (part, subscriber, number)
) WITHOUT ROWID;
CREATE INDEX event_at ON event (part, at);

-- +goose Down
DROP TABLE event;
DROP TABLE subscriber;
