package validate

import (
	"strings"

	"bima/fhir"
)

// quick holds, for rules that are evaluated on nearly every resource or entry, a
// function that sees the usual case that the rule surely holds, by the rule's key
// and its type. Where it sees nothing, the rule itself is evaluated.
var quick = map[string]func(n fhir.Node) bool{
	"per-1 Period": isOrdered,
	"bdl-3 Bundle": func(n fhir.Node) bool { return allOrNone(n, "request", "batch", "transaction", "history") },
	"bdl-4 Bundle": func(n fhir.Node) bool {
		return allOrNone(n, "response", "batch-response", "transaction-response", "history")
	},
	"bdl-8 Bundle.entry": func(n fhir.Node) bool { return !strings.Contains(n.Get("fullUrl").Text(), "/_history/") },
}

// isOrdered reports whether a Period surely ends no earlier than it begins: two
// texts of one form and one zone, in order.
func isOrdered(n fhir.Node) bool {
	start, end := n.Get("start").Text(), n.Get("end").Text()
	if len(start) != len(end) || start > end {
		return false
	}
	const date, zone = len("2026-09-14"), len("+03:00")
	return len(start) <= date || start[len(start)-1] == 'Z' && end[len(end)-1] == 'Z' ||
		len(start) > date+zone && start[len(start)-zone:] == end[len(end)-zone:]
}

// allOrNone reports whether every entry of a Bundle has an element where the
// type is one of types, and none has it elsewhere.
func allOrNone(n fhir.Node, element string, types ...string) bool {
	typ, wanted := n.Get("type").Text(), false
	for _, t := range types {
		wanted = wanted || t == typ
	}
	for e := n.Get("entry").First(); e.Exists(); e = e.Next() {
		if e.Get(element).Exists() != wanted {
			return false
		}
	}
	return true
}
