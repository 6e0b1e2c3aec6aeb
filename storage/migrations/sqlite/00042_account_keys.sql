-- +goose Up
-- keys are the public keys (a JWK Set) by which an account proves who it is.
ALTER TABLE account ADD COLUMN keys TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE account DROP COLUMN keys;
