package resttest

import (
	"slices"
	"strings"
	"testing"
)

// House runs the stories of the whole house: those of Whole, and what only the
// scheme's profiles and the figures of its database make.
func House(t *testing.T, base string) {
	t.Helper()
	Whole(t, base)
	Tell(t, strings.TrimRight(base, "/"), slices.Concat(houseStories(), profileStories(), woundStories(), enrolmentStories(), eligibilityStories(), reviewStories(), claimRuleStories(), authorizationStories(), claimStories(), feedbackStories(), simulationStories(), samplingStories(), signalStories(), indicatorStories(), employerStories(), cardStories(), placeStories(), productStories(), policyStories(), moneyStories()))
	t.Run("claims at once for the last of a ceiling", func(t *testing.T) { testClaimRace(t, strings.TrimRight(base, "/")) })
	t.Run("a member is told of a decision", func(t *testing.T) { testMemberIsTold(t, strings.TrimRight(base, "/")) })
}

// Enrolled runs the stories of IHE FAIS on the whole house, whose clock shows a day of
// 2026 after April: people are enrolled in them for the days of that year.
func Enrolled(t *testing.T, base string) {
	t.Helper()
	Tell(t, strings.TrimRight(base, "/"), faisStories())
}

// Whole runs the stories of a server that guards the references of the types a
// scheme owns, and that answers $everything, $meta and $purge. Nothing on it
// needs credentials, and base is the absolute URL of its [base].
func Whole(t *testing.T, base string) {
	t.Helper()
	Tell(t, strings.TrimRight(base, "/"), slices.Concat(integrityStories(), everythingStories(), metaStories(), purgeStories(), terminologyStories()))
	t.Run("deleting what is being referred to", func(t *testing.T) { testReferredToAtOnce(t, strings.TrimRight(base, "/")) })
}
