package learned

import (
	"strings"
	"sync"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
)

// An Opinion is what a model says of one claim.
type Opinion struct {
	Score         int      // 0–100: the likelihood in percent that a reviewer would cut it
	Model         fhir.Key // the Library with the model
	Contributions []Contribution
}

// A Contribution is what one feature does to the score.
type Contribution struct {
	Feature string  // its name in the model, "log-total"
	Points  float64 // by how much the score would change if the claim were average in it, the sign turned
	Text    string  // a sentence for the reviewer
}

// Why gives the sentences of the contributions.
func (o *Opinion) Why() string {
	texts := make([]string, len(o.Contributions))
	for i, c := range o.Contributions {
		texts[i] = c.Text
	}
	return strings.Join(texts, " ")
}

// Account is the ledger account of the model that is switched on: its bucket is
// the Library's key, its value the version. A caller that asks the ledger anyway
// may ask for it too, and leave out Opinion where it is empty.
const Account = "learned-model"

// Models keeps the models it has read. It is safe for concurrent use; its zero
// value is ready.
type Models struct {
	mu      sync.RWMutex
	key     fhir.Key
	version int64
	model   *Model
}

// Opinion asks the model that is switched on about a claim; g is what was gathered
// of it and d its decision. It gives nil where no model is on.
func (m *Models) Opinion(r fhir.Reader, claim fhir.Node, g *facts.Claim, d *adjudication.Decision) (*Opinion, error) {
	key, version, err := On(r)
	if err != nil || key.IsZero() {
		return nil, err
	}
	model, err := m.read(r, key, version)
	if err != nil || model == nil {
		return nil, err
	}
	o := model.Opinion(Features(claim, g, d))
	o.Model = key
	return o, nil
}

// On gives the model that is switched on and its version; zero where none is.
func On(r fhir.Reader) (key fhir.Key, version int64, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{Account}})
	for _, b := range balances {
		if b.Value > version {
			key, version = fhir.Key{Type: "Library", ID: b.Bucket}, b.Value
		}
	}
	return key, version, err
}

// read gives a version of a model, which it reads once.
func (m *Models) read(r fhir.Reader, key fhir.Key, version int64) (*Model, error) {
	m.mu.RLock()
	model, known := m.model, m.key == key && m.version == version
	m.mu.RUnlock()
	if known {
		return model, nil
	}
	resource, err := r.ReadVersion(key, version)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return nil, err
	}
	if model, err = FromLibrary(doc.Root()); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.key, m.version, m.model = key, version, model
	return model, nil
}
