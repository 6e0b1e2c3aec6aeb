package fhir

// An Of is a Criterion that holds for resources of one of Types on which Where
// holds, nil being all of them; its parameters are those of these types. A search
// over many types asks of each what fits it, as that of a whole compartment does.
type Of struct {
	Types []string
	Where Criterion
}

func (Of) criterion() {}

// A FullText is a Criterion that holds where the words of a text match: those of
// the narrative (Param "_text") or of the whole resource ("_content"). It holds
// where all terms of one of the Alternatives do. Source: R4 search#text.
type FullText struct {
	Param        string
	Alternatives [][]TextTerm
}

func (FullText) criterion() {}

// A TextTerm is a word or a phrase that a text has, or with Not has not. Words
// are as the writer wrote them; how they fold is the database's business.
type TextTerm struct {
	Words  []string // one word, or those of a phrase in their order
	Prefix bool     // the last word may go on
	Not    bool
}

// A TextRow is a text to be found by its words; Param is "_text" or "_content".
type TextRow struct{ Param, Text string }
