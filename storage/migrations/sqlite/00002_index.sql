-- +goose Up
CREATE TABLE sp_token (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  code INTEGER NOT NULL,
  rid  INTEGER NOT NULL,
  sys  INTEGER NOT NULL,
  txt  TEXT    NOT NULL,
  PRIMARY KEY (part, sp, code, rid, sys)
) WITHOUT ROWID;
CREATE INDEX sp_token_rid ON sp_token (part, rid, sp);

CREATE TABLE sp_string (
  part  INTEGER NOT NULL,
  sp    INTEGER NOT NULL,
  norm  TEXT    NOT NULL,
  rid   INTEGER NOT NULL,
  exact INTEGER NOT NULL,
  more  TEXT    NOT NULL,
  PRIMARY KEY (part, sp, norm, rid, exact)
) WITHOUT ROWID;
CREATE INDEX sp_string_exact ON sp_string (part, sp, exact, rid);
CREATE INDEX sp_string_rid ON sp_string (part, rid, sp);

CREATE TABLE sp_date (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  lo   INTEGER NOT NULL,
  hi   INTEGER NOT NULL,
  rid  INTEGER NOT NULL,
  PRIMARY KEY (part, sp, lo, hi, rid)
) WITHOUT ROWID;
CREATE INDEX sp_date_hi ON sp_date (part, sp, hi, lo, rid);
CREATE INDEX sp_date_rid ON sp_date (part, rid, sp);

CREATE TABLE sp_number (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  lo   REAL    NOT NULL,
  hi   REAL    NOT NULL,
  rid  INTEGER NOT NULL,
  PRIMARY KEY (part, sp, lo, hi, rid)
) WITHOUT ROWID;
CREATE INDEX sp_number_hi ON sp_number (part, sp, hi, lo, rid);
CREATE INDEX sp_number_rid ON sp_number (part, rid, sp);

CREATE TABLE sp_quantity (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  lo   REAL    NOT NULL,
  hi   REAL    NOT NULL,
  rid  INTEGER NOT NULL,
  sys  INTEGER NOT NULL,
  code INTEGER NOT NULL,
  unit INTEGER NOT NULL,
  PRIMARY KEY (part, sp, lo, hi, rid, sys, code, unit)
) WITHOUT ROWID;
CREATE INDEX sp_quantity_hi ON sp_quantity (part, sp, hi, lo, rid);
CREATE INDEX sp_quantity_rid ON sp_quantity (part, rid, sp);

CREATE TABLE sp_reference (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  h    INTEGER NOT NULL,
  ttyp INTEGER NOT NULL,
  rid  INTEGER NOT NULL,
  PRIMARY KEY (part, sp, h, ttyp, rid)
) WITHOUT ROWID;
CREATE INDEX sp_reference_rid ON sp_reference (part, rid, sp);

CREATE TABLE sp_uri (
  part INTEGER NOT NULL,
  sp   INTEGER NOT NULL,
  uri  TEXT    NOT NULL,
  rid  INTEGER NOT NULL,
  more TEXT    NOT NULL,
  PRIMARY KEY (part, sp, uri, rid, more)
) WITHOUT ROWID;
CREATE INDEX sp_uri_rid ON sp_uri (part, rid, sp);

CREATE TABLE sp_composite (
  part  INTEGER NOT NULL,
  sp    INTEGER NOT NULL,
  code1 INTEGER NOT NULL,
  sys1  INTEGER NOT NULL,
  rid   INTEGER NOT NULL,
  code2 INTEGER NOT NULL,
  sys2  INTEGER NOT NULL,
  lo    REAL    NOT NULL,
  hi    REAL    NOT NULL,
  txt   TEXT    NOT NULL,
  PRIMARY KEY (part, sp, code1, rid, sys1, code2, sys2, lo, hi, txt)
) WITHOUT ROWID;
CREATE INDEX sp_composite_rid ON sp_composite (part, rid, sp);

CREATE TABLE uniq_key (
  part  INTEGER NOT NULL,
  typ   INTEGER NOT NULL,
  h     INTEGER NOT NULL,
  rid   INTEGER NOT NULL,
  name  TEXT    NOT NULL,
  value TEXT    NOT NULL,
  PRIMARY KEY (part, typ, h)
) WITHOUT ROWID;
CREATE INDEX uniq_key_rid ON uniq_key (part, rid);

-- +goose Down
DROP TABLE uniq_key;
DROP TABLE sp_composite;
DROP TABLE sp_uri;
DROP TABLE sp_reference;
DROP TABLE sp_quantity;
DROP TABLE sp_number;
DROP TABLE sp_date;
DROP TABLE sp_string;
DROP TABLE sp_token;
