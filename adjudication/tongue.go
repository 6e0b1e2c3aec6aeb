package adjudication

import "fmt"

// A Tongue says decisions in a language. The zero value is English.
type Tongue struct {
	// Phrases are sentences by the English ones, with the same verbs for what is put
	// into them, in the same order.
	Phrases map[string]string
	Reasons map[Reason]string
}

// Say says a sentence with what is put into it; one it has no words for in
// English.
func (t Tongue) Say(format string, args ...any) string {
	if said, ok := t.Phrases[format]; ok {
		format = said
	}
	return fmt.Sprintf(format, args...)
}

// Reason gives a reason in words.
func (t Tongue) Reason(r Reason) string {
	if said, ok := t.Reasons[r]; ok {
		return said
	}
	return r.Text()
}

// Note gives a note in words.
func (t Tongue) Note(n Note) string {
	if _, ok := t.Phrases[n.Format]; !ok {
		return n.Text
	}
	return t.Say(n.Format, n.Args...)
}
