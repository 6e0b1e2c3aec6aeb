package parts

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"bima/profiles"
)

// A definition is as much of a StructureDefinition, ValueSet or CodeSystem as is read.
type definition struct {
	Type    string
	URL     string
	Context []struct{ Expression string }
	Compose struct {
		Include []struct{ System string }
	}
	Concept      []struct{ Code string }
	Differential struct{ Element []element }
}

type element struct {
	ID      string
	Min     int
	Max     string
	Type    []struct{ Code string }
	Binding struct{ Strength, ValueSet string }
}

// extensions gives our extensions of Subscriptions and Endpoints by the ends of their
// URLs.
var extensions = sync.OnceValue(func() map[string]*part {
	all, list := map[string]definition{}, []definition{}
	for _, d := range profiles.Definitions() {
		if !slices.Contains([]string{"StructureDefinition", "ValueSet", "CodeSystem"}, d.Type) {
			continue
		}
		var one definition
		if err := json.Unmarshal(d.Body, &one); err != nil {
			panic("profiles are JSON: " + err.Error())
		}
		all[one.URL] = one
		if d.Type == "StructureDefinition" && one.Type == "Extension" {
			list = append(list, one)
		}
	}
	found := map[string]*part{}
	for _, d := range list {
		root := &part{max: "1"}
		for _, c := range d.Context {
			root.context = append(root.context, c.Expression)
		}
		if name, ours := strings.CutPrefix(d.URL, prefix); ours {
			found[name] = root.read(d.Differential.Element, all)
		}
	}
	return found
})

// read takes the elements of a definition: "Extension.extension:show.value[x]".
func (p *part) read(elements []element, all map[string]definition) *part {
	for _, e := range elements {
		at, last := p, ""
		for _, step := range strings.Split(e.ID, ".")[1:] {
			name, sliced := strings.CutPrefix(step, "extension:")
			if last = step; !sliced {
				break
			}
			if at.parts == nil {
				at.parts = map[string]*part{}
			}
			if at.parts[name] == nil {
				at.parts[name] = &part{}
			}
			at = at.parts[name]
		}
		switch {
		case strings.HasPrefix(last, "extension:"):
			at.min, at.max = e.Min, e.Max
		case last == "value[x]" && len(e.Type) == 1:
			at.value = "value" + strings.ToUpper(e.Type[0].Code[:1]) + e.Type[0].Code[1:]
			if e.Binding.Strength == "required" {
				at.codes = codes(e.Binding.ValueSet, all)
			}
		}
	}
	return p
}

// codes gives those of a ValueSet of ours that has whole CodeSystems of ours.
func codes(valueSet string, all map[string]definition) (list []string) {
	for _, include := range all[valueSet].Compose.Include {
		for _, c := range all[include.System].Concept {
			list = append(list, c.Code)
		}
	}
	return list
}
