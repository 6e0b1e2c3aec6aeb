package resttest

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Run runs the suite. Open gives the absolute URL of [base] of a server on which
// nothing needs credentials, such as "http://127.0.0.1:41234/fhir"; the server
// lives until the test that opened it ends.
func Run(t *testing.T, open func(t *testing.T) (baseURL string)) {
	base := strings.TrimRight(open(t), "/")
	t.Run("stories", func(t *testing.T) { Tell(t, base, stories()) })
	t.Run("examples", func(t *testing.T) { testExamples(t, base) })
	t.Run("search parameters", func(t *testing.T) { testParameters(t, base) })
	t.Run("pages", func(t *testing.T) { testPages(t, base) })
	t.Run("races", func(t *testing.T) { testRaces(t, base) })
	t.Run("wire", func(t *testing.T) { testWire(t, base) })
	t.Run("async", func(t *testing.T) { testAsync(t, base) })
	t.Run("truth", func(t *testing.T) { testTruth(t, base) })
}

// stories gives all stories of the suite.
func stories() []Story {
	return slices.Concat(
		instanceStories(), readStories(), writeStories(), preferStories(), conditionalStories(), negotiationStories(), bodyStories(), pathStories(), openStories(), errorStories(),
		historyStories(), patchStories(),
		searchStories(), valueStories(), modifierStories(), prefixStories(), numberStories(), joinStories(), resultStories(),
		transactionStories(), entryStories(), linkStories(), batchStories(),
		clientStories(), filterStories(),
		conformanceStories(), definitionStories(), operabilityStories(),
		xmlStories(),
		fhirPathPatchStories(), listedHistoryStories(), containedStories(), conditionalReferenceStories(),
	)
}

// newTeller gives a teller with a word of its own.
func newTeller(base string) *teller {
	root := strings.TrimSuffix(base, "/fhir")
	day := func(from int) string { return time.Now().UTC().AddDate(0, 0, from).Format(time.DateOnly) }
	return &teller{
		client: &http.Client{},
		words:  Values{"base": base, "root": root, "run": newRun(), "yesterday": day(-1), "tomorrow": day(1)},
	}
}

// newRun gives a word that is an id, a code and a name, and that no other run
// has used.
func newRun() string { return "r" + strings.ToLower(rand.Text()[:12]) }
