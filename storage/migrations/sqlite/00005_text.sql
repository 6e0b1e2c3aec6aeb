-- +goose Up
-- The words of narratives and of whole resources, by row id. Texts come folded,
-- words parted by one space; see index/words.go.
CREATE VIRTUAL TABLE sp_text USING fts5(
  narrative, content, content='', contentless_delete=1, tokenize='ascii'
);

-- +goose Down
DROP TABLE sp_text;
