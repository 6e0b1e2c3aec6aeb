package review

import (
	"encoding/json"

	"bima/fhir"
)

func raw(n fhir.Node) json.RawMessage { return append(json.RawMessage(nil), n.Raw()...) }

func rawText(number string) json.RawMessage { return json.RawMessage(number) }

func rawNumber(a fhir.Amount) json.RawMessage { return json.RawMessage(a.String()) }
