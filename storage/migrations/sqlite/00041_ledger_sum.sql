-- +goose Up
-- ledger_sum keeps the sum of each bucket, so that an account with thousands of
-- entries is read as fast as one with few. Triggers keep it, so that whoever writes
-- to the ledger, an older binary too, keeps it right. PostgreSQL has none: there,
-- those who post to one bucket at once would wait for each other's commit.
CREATE TABLE ledger_sum (
  account TEXT    NOT NULL,
  bucket  TEXT    NOT NULL,
  value   INTEGER NOT NULL CHECK (typeof(value) = 'integer'),
  entries INTEGER NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  PRIMARY KEY (account, bucket)
) WITHOUT ROWID;

INSERT INTO ledger_sum
SELECT account, bucket, sum(value), count(*), min(day), max(day) FROM ledger WHERE part = 0 GROUP BY account, bucket;

-- +goose StatementBegin
CREATE TRIGGER ledger_added AFTER INSERT ON ledger WHEN new.part = 0 BEGIN
  INSERT INTO ledger_sum VALUES (new.account, new.bucket, new.value, 1, new.day, new.day)
  ON CONFLICT (account, bucket) DO UPDATE SET
    value = value + excluded.value, entries = entries + 1,
    first = min(first, excluded.first), last = max(last, excluded.last);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_removed AFTER DELETE ON ledger WHEN old.part = 0 BEGIN
  UPDATE ledger_sum SET
    value = value - old.value, entries = entries - 1,
    first = CASE WHEN first < old.day THEN first ELSE
      ifnull((SELECT min(day) FROM ledger WHERE part = 0 AND account = old.account AND bucket = old.bucket), first) END,
    last = CASE WHEN last > old.day THEN last ELSE
      ifnull((SELECT max(day) FROM ledger WHERE part = 0 AND account = old.account AND bucket = old.bucket), last) END
  WHERE account = old.account AND bucket = old.bucket;
  DELETE FROM ledger_sum WHERE account = old.account AND bucket = old.bucket AND entries = 0;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER ledger_removed;
DROP TRIGGER ledger_added;
DROP TABLE ledger_sum;
