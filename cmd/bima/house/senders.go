package house

import (
	"bima/connect/dhis2"
	"bima/connect/openimis"
	"bima/connect/openmrs"
	"bima/fhir/subscription"
)

// senders gives those who tell other systems of changes in their own tongues. Each
// has a scheme of its own, with which Subscription.channel.endpoint begins.
func senders(p Plan) []subscription.Sender {
	return []subscription.Sender{
		dhis2.New(hmis(p)),
		openimis.NewSender(p.Zone),
		openmrs.New(openmrs.Options{Zone: p.Zone}),
	}
}

// hmis says how a DHIS2 is told of indicators.
func hmis(p Plan) dhis2.Options {
	m := p.Scheme.Measures
	return dhis2.Options{Ages: m.Ages, Months: m.Months, Zone: p.Zone, Now: p.Now}
}
