-- +goose Up
-- Pieces of the index of texts are merged when there are more of one size than by
-- default, which writes each word fewer times, and while nobody writes; see
-- group.go.
INSERT INTO sp_text (sp_text, rank) VALUES ('automerge', 8);
INSERT INTO sp_text (sp_text, rank) VALUES ('crisismerge', 64);

-- +goose Down
INSERT INTO sp_text (sp_text, rank) VALUES ('automerge', 4);
INSERT INTO sp_text (sp_text, rank) VALUES ('crisismerge', 16);
