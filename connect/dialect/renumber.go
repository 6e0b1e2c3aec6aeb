package dialect

import (
	"encoding/json"
	"strconv"
)

// Renumber numbers a list of a Claim from 1 as it stands, and lets the items that
// refer to its numbers refer to the new ones. What led nowhere is left away: it would
// lead to another one now.
func Renumber(claim Object, list, by string) {
	renamed := map[string]json.Number{}
	for i, one := range Each(claim, list) {
		made := json.Number(strconv.Itoa(i + 1))
		if old := Text(one, "sequence"); old != "" && renamed[old] == "" {
			renamed[old] = made
		}
		one["sequence"] = made
	}
	for _, item := range Each(claim, "item") {
		numbers, _ := item[by].([]any)
		kept := []any{}
		for _, n := range numbers {
			if old, ok := n.(json.Number); ok && renamed[old.String()] != "" {
				kept = append(kept, renamed[old.String()])
			}
		}
		delete(item, by)
		if len(kept) > 0 {
			item[by] = kept
		}
	}
}
