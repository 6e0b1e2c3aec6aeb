-- +goose Up
-- The sums of an account are read from this index alone, where nobody wrote lately.
CREATE INDEX ledger_sums ON ledger (part, account, bucket, day) INCLUDE (value, source);
DROP INDEX ledger_account;

-- +goose Down
CREATE INDEX ledger_account ON ledger (part, account, day);
DROP INDEX ledger_sums;
