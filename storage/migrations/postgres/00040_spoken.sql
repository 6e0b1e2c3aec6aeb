-- +goose Up
-- When a subscriber was last called, for heartbeats.
ALTER TABLE subscriber ADD COLUMN spoken bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE subscriber DROP COLUMN spoken;
