package storage

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// steps gives the statements by which each dialect's schema grows.
func steps(t *testing.T) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	comment := regexp.MustCompile(`(?s)-- \+goose StatementBegin.*?-- \+goose StatementEnd|--[^\n]*`) // triggers, too
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations, path)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		dialect := strings.Split(path, "/")[1]
		for statement := range strings.SplitSeq(comment.ReplaceAllString(up, ""), ";") {
			all[dialect] = append(all[dialect], strings.Join(strings.Fields(statement), " "))
		}
		return nil
	})
	if err != nil || len(all) != 2 {
		t.Fatalf("found the steps of %d dialects: %v", len(all), err)
	}
	return all
}

// Elsewhere a schema was made to hold several tenants late, by a second form of each
// key (HAPI's partitions) or by policies that hide indexes from the planner (wso2).
// Here every key begins with the part from the first day; what is listed is of the
// whole server.
func TestEveryKeyBeginsWithThePart(t *testing.T) {
	whole := []string{"registry", "account", "job_wait", "async_request", "note", "ledger_sum"} // the last on SQLite, where a file is one part
	words := []string{"sp_text_words", "sp_text_merge"}                                         // a full-text index has words alone
	table := regexp.MustCompile(`^CREATE TABLE (\w+) \((.*)\)`)
	primary := regexp.MustCompile(`PRIMARY KEY \((\w+)`)
	index := regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+) (?:USING \w+ )?\((\w+)`)
	for dialect, statements := range steps(t) {
		tables, indexes := 0, 0
		for _, s := range statements {
			if m := table.FindStringSubmatch(s); m != nil && !slices.Contains(whole, m[1]) {
				tables++
				if !strings.Contains(m[2], "part ") {
					t.Errorf("%s: the table %s has no part", dialect, m[1])
				}
				if key := primary.FindStringSubmatch(m[2]); key != nil && key[1] != "part" {
					t.Errorf("%s: the key of %s begins with %s", dialect, m[1], key[1])
				}
			}
			if m := index.FindStringSubmatch(s); m != nil && !slices.Contains(whole, m[2]) && !slices.Contains(words, m[1]) {
				indexes++
				if m[3] != "part" {
					t.Errorf("%s: the index %s begins with %s", dialect, m[1], m[3])
				}
			}
		}
		if tables < 15 || indexes < 15 {
			t.Errorf("%s: looked at %d tables and %d indexes only", dialect, tables, indexes)
		}
	}
}

// Elsewhere an upgrade took from the schema what the program before still used (HAPI
// 7111), skipped a column (8027) or rewrote a table at the start. Here steps only add,
// and what they add has a default, so that the program before goes on writing.
func TestStepsOnlyAdd(t *testing.T) {
	takes := regexp.MustCompile(`(?i)\bDROP (TABLE|COLUMN|CONSTRAINT)\b|\bRENAME\b|\bALTER COLUMN \w+ (TYPE|SET NOT NULL|DROP)\b|^(UPDATE|DELETE|VACUUM)\b`)
	adds := regexp.MustCompile(`(?i)\bADD COLUMN\b.*NOT NULL`)
	for dialect, statements := range steps(t) {
		for _, s := range statements {
			if takes.MatchString(s) || adds.MatchString(s) && !strings.Contains(s, "DEFAULT") {
				t.Errorf("%s: the program before can't live with %q", dialect, s)
			}
		}
	}
}
