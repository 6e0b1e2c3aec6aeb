-- +goose Up
CREATE TABLE sp_token (
  part smallint NOT NULL,
  sp integer NOT NULL,
  code bigint NOT NULL,
  rid bigint NOT NULL,
  sys bigint NOT NULL,
  txt text COLLATE "C" NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_token_code ON sp_token (part, sp, code, rid, sys);
CREATE INDEX sp_token_rid ON sp_token (part, rid);

CREATE TABLE sp_string (
  part smallint NOT NULL,
  sp integer NOT NULL,
  rid bigint NOT NULL,
  exact bigint NOT NULL,
  norm text COLLATE "C" NOT NULL,
  more text COLLATE "C" NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_string_norm ON sp_string (part, sp, norm, rid);
CREATE INDEX sp_string_exact ON sp_string (part, sp, exact, rid);
CREATE INDEX sp_string_rid ON sp_string (part, rid);

CREATE TABLE sp_date (
  part smallint NOT NULL,
  sp integer NOT NULL,
  lo bigint NOT NULL,
  hi bigint NOT NULL,
  rid bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_date_lo ON sp_date (part, sp, lo, hi, rid);
CREATE INDEX sp_date_hi ON sp_date (part, sp, hi, lo, rid);
CREATE INDEX sp_date_rid ON sp_date (part, rid);

CREATE TABLE sp_number (
  part smallint NOT NULL,
  sp integer NOT NULL,
  lo double precision NOT NULL,
  hi double precision NOT NULL,
  rid bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_number_lo ON sp_number (part, sp, lo, hi, rid);
CREATE INDEX sp_number_hi ON sp_number (part, sp, hi, lo, rid);
CREATE INDEX sp_number_rid ON sp_number (part, rid);

CREATE TABLE sp_quantity (
  part smallint NOT NULL,
  sp integer NOT NULL,
  lo double precision NOT NULL,
  hi double precision NOT NULL,
  rid bigint NOT NULL,
  sys bigint NOT NULL,
  code bigint NOT NULL,
  unit bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_quantity_lo ON sp_quantity (part, sp, lo, hi, rid);
CREATE INDEX sp_quantity_hi ON sp_quantity (part, sp, hi, lo, rid);
CREATE INDEX sp_quantity_rid ON sp_quantity (part, rid);

CREATE TABLE sp_reference (
  part smallint NOT NULL,
  sp integer NOT NULL,
  h bigint NOT NULL,
  ttyp integer NOT NULL,
  rid bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_reference_target ON sp_reference (part, sp, h, ttyp, rid);
CREATE INDEX sp_reference_rid ON sp_reference (part, rid);

CREATE TABLE sp_uri (
  part smallint NOT NULL,
  sp integer NOT NULL,
  rid bigint NOT NULL,
  uri text COLLATE "C" NOT NULL,
  more text COLLATE "C" NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_uri_uri ON sp_uri (part, sp, uri, rid);
CREATE INDEX sp_uri_rid ON sp_uri (part, rid);

CREATE TABLE sp_composite (
  part smallint NOT NULL,
  sp integer NOT NULL,
  code1 bigint NOT NULL,
  sys1 bigint NOT NULL,
  rid bigint NOT NULL,
  code2 bigint NOT NULL,
  sys2 bigint NOT NULL,
  lo double precision NOT NULL,
  hi double precision NOT NULL,
  txt text COLLATE "C" NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX sp_composite_first ON sp_composite (part, sp, code1, rid, sys1);
CREATE INDEX sp_composite_rid ON sp_composite (part, rid);

-- What is common under one parameter is rare under another: the planner must
-- know the pairs.
CREATE STATISTICS sp_token_pairs (mcv) ON sp, code FROM sp_token;
CREATE STATISTICS sp_reference_pairs (mcv) ON sp, h FROM sp_reference;

CREATE TABLE uniq_key (
  part  smallint NOT NULL,
  typ   integer NOT NULL,
  h     bigint NOT NULL,
  rid   bigint NOT NULL,
  name  text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (part, typ, h)
);
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
