-- +goose Up
-- A page of a search sorted by _id is read along it.
CREATE INDEX resource_fid ON resource (part, typ, fid, rid) WHERE deleted = 0;

-- +goose Down
DROP INDEX resource_fid;
