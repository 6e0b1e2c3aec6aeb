package stu3

import (
	"net/http"
	"strings"
	"time"

	"bima/connect"
	"bima/fhir"
	"bima/profiles"
)

// postClaim is POST Claim: the claim is submitted, and its decision answered.
func postClaim(c *call) (*reply, error) {
	body, err := c.read("Claim")
	if err != nil {
		return nil, err
	}
	s := sayingOf(body)
	if s.Patient.none() {
		return nil, invalid("Claim.patient", "The claim names no patient")
	}
	digest, err := s.digest()
	if err != nil {
		return nil, invalid("Claim", "The claim can't be read as JSON")
	}
	who, err := c.parties(s)
	if err != nil {
		return nil, err
	}
	sent, err := c.translate(s, who, digest)
	if err != nil {
		return nil, invalid("Claim", "The claim can't be read as JSON")
	}
	answer := c.gate.Ask(c.r, connect.Question{Method: http.MethodPost, Path: "Claim/$submit", Body: sent})
	switch {
	case answer.OK():
		doc, err := fhir.Parse(sent)
		if err != nil {
			return nil, err
		}
		response := answer.Node()
		id := strings.TrimPrefix(response.At("request", "reference").Text(), "Claim/")
		return decided(id, doc.Root(), response), nil
	case answer.Status == http.StatusConflict:
		return c.again(s, digest, answer)
	}
	return nil, relay(answer)
}

// translate makes the Claim of R4.
func (c *call) translate(s *said, who *parties, digest string) ([]byte, error) {
	b := &builder{said: s, who: who, digest: digest, now: c.settings.Now().Format(time.RFC3339)}
	b.known, b.money = services(who.tariffs)
	if b.money == "" {
		b.money = c.settings.Currency
	}
	if s.Currency != "" {
		b.money = s.Currency
	}
	return b.build()
}

// decided answers a claim by its decision.
func decided(id string, claim, response fhir.Node) *reply {
	return &reply{status: http.StatusCreated, location: "Claim/" + id, body: claimResponse(id, claim, response)}
}

// againMax bounds how many claims of one number are looked at.
const againMax = 20

// again answers a claim that was sent before, in the same words, and became another
// one of R4 then, as when the patient had no membership yet. Words that are not the
// same are refused, as [base] did.
func (c *call) again(s *said, digest string, refused *connect.Answer) (*reply, error) {
	if s.ACSN == "" {
		return nil, relay(refused)
	}
	found, err := c.get([]string{"Claim?identifier=" + token(profiles.IdentifierPeerClaim) + "|" + token(s.ACSN) + "&_revinclude=ClaimResponse:request&_count=" + count(againMax)})
	if err != nil {
		return nil, err
	}
	responses := responsesIn(found[0])
	for _, n := range resources(found[0], "Claim") {
		if extensionText(n, "said") == digest {
			return decided(n.Get("id").Text(), n, responses[keyOf(n)]), nil
		}
	}
	return nil, relay(refused)
}

// extensionText gives what the extension translated says of something; "" where it
// says nothing.
func extensionText(n fhir.Node, part string) string {
	said := n.Extension(profiles.ExtensionTranslated).Extension(part)
	return said.Get("valueString").Text() + said.Get("valueCode").Text()
}

// responsesIn gives the decisions that a searchset holds, by their claims.
func responsesIn(bundle fhir.Node) map[string]fhir.Node {
	list := map[string]fhir.Node{}
	for _, n := range resources(bundle, "ClaimResponse") {
		list[n.At("request", "reference").Text()] = n
	}
	return list
}

// getClaim is GET Claim/[id].
func getClaim(c *call) (*reply, error) {
	claim, _, err := c.claim()
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusOK, body: echo(claim)}, nil
}

// getClaimResponse is GET ClaimResponse/[id]: the id is the claim's.
func getClaimResponse(c *call) (*reply, error) {
	claim, response, err := c.claim()
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusOK, body: claimResponse(claim.Get("id").Text(), claim, response)}, nil
}

// claim finds the claim that a path names, by its id or else by a number that is its
// alone, and its decision, which is absent while there is none.
func (c *call) claim() (claim, response fhir.Node, err error) {
	var paths []string
	if fhir.ValidID(c.id) {
		paths = append(paths, "Claim?_id="+c.id+"&_revinclude=ClaimResponse:request")
	}
	paths = append(paths, "Claim?identifier="+token(c.id)+"&_revinclude=ClaimResponse:request&_count=2")
	found, err := c.get(paths)
	if err != nil {
		return claim, response, err
	}
	for _, bundle := range found {
		if list := resources(bundle, "Claim"); len(list) == 1 {
			return list[0], responsesIn(bundle)[keyOf(list[0])], nil
		}
	}
	return claim, response, refuse(http.StatusNotFound, fhir.IssueNotFound, "There is no claim "+shortened(c.id, toldMax/2))
}
