-- +goose Up
CREATE TABLE ledger (
  part    smallint NOT NULL,
  day     integer  NOT NULL,
  value   bigint   NOT NULL,
  source  text COLLATE "C" NOT NULL,
  account text COLLATE "C" NOT NULL,
  bucket  text COLLATE "C" NOT NULL
);
CREATE INDEX ledger_account ON ledger (part, account, day);
CREATE INDEX ledger_source ON ledger (part, source);

CREATE TABLE account (
  name        text COLLATE "C" PRIMARY KEY,
  roles       text NOT NULL,
  entity_type text NOT NULL,
  entity_id   text NOT NULL,
  secret      text NOT NULL,
  disabled    smallint NOT NULL
);

-- job_wait names the unique jobs that wait; see jobs.go.
CREATE TABLE job_wait (
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, name)
);

-- +goose Down
DROP TABLE job_wait;
DROP TABLE account;
DROP TABLE ledger;
