package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles"
	"bima/storage"
)

// reviewed is a word of scripts: reviewed N stores N claims with completed reviews,
// as a scheme has them after a year. A quarter of the claims have service S-9, and
// officers cut those but each fifth; of the others they cut one in seventeen.
// With a word after N, what officers cut has nothing to do with the claims.
func reviewed(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx := fhir.WithCaller(context.Background(), fhir.System())
	store, err := storage.Open(ctx, ts.Getenv("BIMA_DATABASE"), storage.Options{})
	ts.Check(err)
	engine, err := house.Engine(ctx, store, house.Plan{Base: "http://localhost/fhir"})
	ts.Check(err)
	entries := []string{
		entry(`{"resourceType":"Organization","id":"f-1","name":"Sagara"}`, "Organization/f-1"),
		entry(`{"resourceType":"Organization","id":"f-2","name":"Ndala"}`, "Organization/f-2"),
		entry(`{"resourceType":"Patient","id":"p"}`, "Patient/p"),
	}
	for i := range n {
		service, cut := fmt.Sprintf("S-%d", 1+i%3), i%17 == 1
		if i%4 == 0 {
			service, cut = "S-9", i%20 != 0
		}
		if len(args) > 1 {
			cut = i*i%7 == 2
		}
		entries = append(entries, entry(reviewedClaim(i, service), fmt.Sprintf("Claim/c-%d", i)), entry(reviewTask(i, cut), fmt.Sprintf("Task/t-%d", i)))
		if len(entries) > 100 || i == n-1 {
			_, err := engine.Bundle(ctx, []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`), interaction.BundleOptions{})
			ts.Check(err)
			entries = nil
		}
	}
	ts.Check(store.Close())
}

func entry(resource, url string) string {
	return fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":%q}}`, resource, url)
}

func reviewedClaim(i int, service string) string {
	return fmt.Sprintf(`{"resourceType":"Claim","id":"c-%d","status":"active","use":"claim","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},
"patient":{"reference":"Patient/p"},"provider":{"reference":"Organization/f-%d"},"created":"2026-03-02","billablePeriod":{"start":"2026-03-01","end":"2026-03-01"},"priority":{"coding":[{"code":"normal"}]},
"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],
"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":%q}]},"quantity":{"value":%d},"net":{"value":%d,"currency":"TZS"}}]}`,
		i, 1+i%2, service, 1+i%3, 1000+i%50*100)
}

func reviewTask(i int, cut bool) string {
	said := fmt.Sprintf(`{"category":{"coding":[{"system":%q,"code":"approved-quantity"}]},"value":3}`, profiles.SystemAdjudication)
	if cut {
		said = fmt.Sprintf(`{"category":{"coding":[{"system":%q,"code":"denied"}]},"reason":{"coding":[{"system":%q,"code":"medical-officer"}]}}`, profiles.SystemAdjudication, profiles.SystemAdjustmentReason)
	}
	return fmt.Sprintf(`{"resourceType":"Task","id":"t-%d","status":"completed","intent":"order","code":{"coding":[{"system":%q,"code":"medical-review"}]},"focus":{"reference":"Claim/c-%d"},
"contained":[{"resourceType":"ClaimResponse","id":"words","status":"draft","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},"use":"claim","patient":{"reference":"Patient/p"},"created":"2026-03-03","insurer":{"display":"scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[%s]}]}],
"output":[{"type":{"text":"decision"},"valueReference":{"reference":"#words"}}]}`, i, profiles.SystemTask, i, said)
}
