package search

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// resultParameters say what the answer looks like, not what it holds.
// Source: R4 search#return.
var resultParameters = map[string]func(*query, pair) error{
	"_count":         (*query).count,
	"_sort":          (*query).sort,
	"_include":       (*query).include,
	"_revinclude":    (*query).revInclude,
	"_summary":       (*query).summary,
	"_elements":      (*query).elements,
	"_total":         (*query).total,
	"_type":          (*query).types,
	"_cursor":        (*query).cursor,
	"_contained":     (*query).contained,
	"_containedType": (*query).containedType,
	"_format":        (*query).representation,
	"_pretty":        (*query).representation,
	"_query":         (*query).named,
}

// named refuses named queries, of which this server has none.
func (q *query) named(p pair) error {
	return q.unsupported(p.key, "this server has no query named %.60q", p.value)
}

// representation leaves to the transport what is its own.
func (q *query) representation(pair) error { return nil }

// count reads the page size; the first counts, so that a client may add its own
// to a link that has one.
func (q *query) count(p pair) error {
	if q.counted {
		return nil
	}
	q.counted = true
	n, err := strconv.Atoi(p.value)
	if err != nil || n < 0 {
		return q.invalid(p.key, "%.40q is not a number of resources, 0 or more", p.value)
	}
	q.request.Limit = min(n, q.options.CountMax)
	if n == 0 { // "treated the same as _summary=count"
		q.request.Total = fhir.TotalAccurate
	}
	return nil
}

// sort reads codes joined by commas, with a minus for descending.
func (q *query) sort(p pair) error {
	for key := range strings.SplitSeq(p.value, ",") {
		code, descending := strings.CutPrefix(key, "-")
		found, err := q.find(scope{typ: q.typ, key: p.key}, code)
		if err != nil {
			return err
		}
		if found.kind == fhir.ParamComposite || found.kind == fhir.ParamSpecial || found.Expression == "" {
			return q.unsupported(p.key, "results can't be sorted by %s", code)
		}
		if len(q.request.Sort) == sortKeysMax {
			return fhir.Errorf(fhir.IssueTooCostly, "", "_sort has more than %d keys", sortKeysMax)
		}
		q.request.Sort = append(q.request.Sort, fhir.SortKey{Param: fhir.Param{Code: code, Kind: found.kind}, Descending: descending})
	}
	return nil
}

// sortKeysMax is how many keys _sort may have.
const sortKeysMax = 8

func (q *query) summary(p pair) error {
	switch p.value {
	case "true", "text", "data", "false":
		q.request.Summary = p.value
	case "count":
		q.request.Summary = p.value
		q.request.Total = fhir.TotalAccurate
	default:
		return q.invalid(p.key, "%.40q is none of true, text, data, count, false", p.value)
	}
	return nil
}

func (q *query) elements(p pair) error {
	for name := range strings.SplitSeq(p.value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			// "Patient.name" names the element of one type in a mixed answer.
			q.request.Elements = append(q.request.Elements, strings.TrimPrefix(name, q.typ+"."))
		}
	}
	return nil
}

func (q *query) total(p pair) error {
	modes := map[string]fhir.TotalMode{"none": fhir.TotalNone, "estimate": fhir.TotalEstimate, "accurate": fhir.TotalAccurate}
	mode, ok := modes[p.value]
	if !ok {
		return q.invalid(p.key, "%.40q is none of none, estimate, accurate", p.value)
	}
	q.request.Total = max(q.request.Total, mode)
	return nil
}

// types reads _type, which names the types of a search at system level.
func (q *query) types(p pair) error {
	for typ := range strings.SplitSeq(p.value, ",") {
		switch {
		case !r4.IsResource(typ):
			return q.invalid(p.key, "%.40q is no resource type", typ)
		case q.typ != "" && typ != q.typ:
			return q.invalid(p.key, "the search is on %s already", q.typ)
		case !slices.Contains(q.request.Types, typ):
			q.request.Types = append(q.request.Types, typ)
		}
	}
	return nil
}

func (q *query) cursor(p pair) error {
	q.request.After = p.value
	return nil
}

func (q *query) contained(p pair) error {
	switch p.value {
	case "false", "true", "both":
		q.request.Contained = p.value
		return nil
	}
	return q.invalid(p.key, "%.40q is none of false, true, both", p.value)
}

func (q *query) containedType(p pair) error {
	switch p.value {
	case "container", "contained":
		q.request.ContainedType = p.value
		return nil
	}
	return q.invalid(p.key, "%.40q is none of container, contained", p.value)
}

func (q *query) include(p pair) error {
	i, err := q.readInclude(p)
	if err == nil {
		q.request.Includes = append(q.request.Includes, i)
	}
	return err
}

func (q *query) revInclude(p pair) error {
	i, err := q.readInclude(p)
	if err == nil {
		q.request.RevIncludes = append(q.request.RevIncludes, i)
	}
	return err
}

// readInclude reads "Claim:patient", "Claim:patient:Patient", "Claim:*", "*" or
// "*:*".
func (q *query) readInclude(p pair) (Include, error) {
	name, modifier, _ := strings.Cut(p.key, ":")
	i := Include{Iterate: modifier == "iterate" || modifier == "recurse"}
	if modifier != "" && !i.Iterate {
		return i, q.unsupported(p.key, "%s has no modifier :%.40s; it has :iterate", name, modifier)
	}
	if len(q.request.Includes)+len(q.request.RevIncludes) >= includesMax {
		return i, fhir.Errorf(fhir.IssueTooCostly, "", "the search has more than %d includes", includesMax)
	}
	if p.value == "*" || p.value == "*:*" {
		i.Param, i.Wildcard = "*", true
		if name == "_include" {
			i.Source = q.typ
		}
		if i.Iterate {
			i.Source = "*"
		}
		return i, nil
	}
	parts := strings.Split(p.value, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return i, q.invalid(p.key, "%.80q is not of the form Type:parameter or Type:parameter:TargetType", p.value)
	}
	i.Source, i.Param = parts[0], parts[1]
	if len(parts) == 3 {
		i.Target = parts[2]
	}
	i.Wildcard = i.Param == "*"
	return i, q.checkInclude(p, i)
}

// includesMax is how many _include and _revinclude a search may have.
const includesMax = 30

func (q *query) checkInclude(p pair, i Include) error {
	if !r4.IsResource(i.Source) {
		return q.invalid(p.key, "%.40q is no resource type", i.Source)
	}
	if i.Target != "" && !r4.IsResource(i.Target) {
		return q.invalid(p.key, "%.40q is no resource type", i.Target)
	}
	if i.Wildcard {
		return nil
	}
	found := q.registry.param(i.Source, i.Param)
	if found == nil {
		return q.unknown(p.key, i.Source, i.Param)
	}
	if found.kind != fhir.ParamReference {
		return q.invalid(p.key, "%s.%s is no reference", i.Source, i.Param)
	}
	return nil
}
