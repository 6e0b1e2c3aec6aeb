package conformance

// A Terminology is what the server can do with codes.
type Terminology struct {
	CodeSystems []CodeSystem // those known besides what is stored
	// What an expansion can do. Source: R4 terminologycapabilities.
	Hierarchical, Paging, Incomplete bool
	Parameters                       []string // of $expand, by name
	TextFilter                       string   // how its filter finds, in words
	// AllCodes says that all codes of a system can be searched, not only those a
	// value set lists.
	AllCodes     bool
	ValidateCode bool // $validate-code on code systems and value sets
	Translate    bool // $translate
	NeedsMap     bool // whether a translation must name its ConceptMap
	Closure      bool // $closure
}

// A CodeSystem is one code system the Terminology knows.
type CodeSystem struct {
	URL     string
	Version string // "" where it has none
	Subsume bool   // whether $subsumes is known of it
}

// The elements of a TerminologyCapabilities that are written, in the order of
// the definition.
type (
	terminologyStatement struct {
		ResourceType   string           `json:"resourceType"`
		URL            string           `json:"url"`
		Version        string           `json:"version,omitempty"`
		Name           string           `json:"name"`
		Title          string           `json:"title"`
		Status         string           `json:"status"`
		Date           string           `json:"date"`
		Publisher      string           `json:"publisher"`
		Description    string           `json:"description"`
		Kind           string           `json:"kind"`
		Software       software         `json:"software"`
		Implementation implementation   `json:"implementation"`
		LockedDate     bool             `json:"lockedDate"`
		CodeSystem     []codeSystemPart `json:"codeSystem,omitempty"`
		Expansion      expansionPart    `json:"expansion"`
		CodeSearch     string           `json:"codeSearch"`
		ValidateCode   *translations    `json:"validateCode,omitempty"`
		Translation    *needsMap        `json:"translation,omitempty"`
		Closure        *closurePart     `json:"closure,omitempty"`
	}
	codeSystemPart struct {
		URI         string        `json:"uri"`
		Version     []versionPart `json:"version,omitempty"`
		Subsumption bool          `json:"subsumption"`
	}
	versionPart struct {
		Code      string `json:"code"`
		IsDefault bool   `json:"isDefault"`
	}
	expansionPart struct {
		Hierarchical bool            `json:"hierarchical"`
		Paging       bool            `json:"paging"`
		Incomplete   bool            `json:"incomplete"`
		Parameter    []parameterPart `json:"parameter,omitempty"`
		TextFilter   string          `json:"textFilter,omitempty"`
	}
	parameterPart struct {
		Name string `json:"name"`
	}
	translations struct {
		Translations bool `json:"translations"`
	}
	closurePart struct {
		Translation bool `json:"translation"`
	}
	needsMap struct {
		NeedsMap bool `json:"needsMap"`
	}
)

// terminologyCapabilities writes the TerminologyCapabilities, but its date.
func terminologyCapabilities(f Facts) terminologyStatement {
	t := f.Terminology()
	s := terminologyStatement{
		ResourceType: "TerminologyCapabilities", URL: f.Base + "/metadata?mode=terminology", Version: f.Version,
		Name: "BimaTerminology", Title: "What this server can do with codes", Status: "active", Publisher: f.Software,
		Description: "The code systems below, and the CodeSystem, ValueSet and ConceptMap resources that are stored, are expanded, looked up, validated and translated.",
		Kind:        "instance", Software: software{f.Software, f.Version}, Implementation: implementation{f.Description, f.Base},
		Expansion:  expansionPart{Hierarchical: t.Hierarchical, Paging: t.Paging, Incomplete: t.Incomplete, TextFilter: t.TextFilter},
		CodeSearch: "explicit",
	}
	if t.AllCodes {
		s.CodeSearch = "all"
	}
	for _, name := range t.Parameters {
		s.Expansion.Parameter = append(s.Expansion.Parameter, parameterPart{name})
	}
	for _, c := range t.CodeSystems {
		part := codeSystemPart{URI: c.URL, Subsumption: c.Subsume}
		if c.Version != "" {
			part.Version = []versionPart{{c.Version, true}}
		}
		s.CodeSystem = append(s.CodeSystem, part)
	}
	if t.ValidateCode {
		s.ValidateCode = &translations{}
	}
	if t.Translate {
		s.Translation = &needsMap{t.NeedsMap}
	}
	if t.Closure {
		s.Closure = &closurePart{}
	}
	return s
}
