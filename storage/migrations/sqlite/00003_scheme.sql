-- +goose Up
CREATE TABLE ledger (
  part    INTEGER NOT NULL,
  source  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  bucket  TEXT    NOT NULL,
  day     INTEGER NOT NULL,
  value   INTEGER NOT NULL
);
CREATE INDEX ledger_account ON ledger (part, account, day);
CREATE INDEX ledger_source ON ledger (part, source);

CREATE TABLE account (
  name        TEXT PRIMARY KEY,
  roles       TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  entity_id   TEXT NOT NULL,
  secret      TEXT NOT NULL,
  disabled    INTEGER NOT NULL
);

-- job_wait names the unique jobs that wait; see jobs.go.
CREATE TABLE job_wait (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE job_wait;
DROP TABLE account;
DROP TABLE ledger;
