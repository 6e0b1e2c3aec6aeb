package contract

import (
	"bytes"
	"context"
	"strconv"

	"bima/fhir"
)

// answer gives what an operation made or changed, each resource as it is after
// all that followed, as parameters named by the resource's kind.
func answer(ctx context.Context, s fhir.Server, status int, list []*fhir.Resource) (*fhir.Response, error) {
	response := &fhir.Response{Status: status}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Parameters","parameter":[`)
	err := s.View(ctx, func(r fhir.Reader) error {
		for i, resource := range list {
			now, err := r.Read(resource.Key)
			if err != nil {
				return err
			}
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`{"name":` + strconv.Quote(parameterOf[resource.Type]) + `,"resource":`)
			out.Write(now.Body)
			out.WriteByte('}')
		}
		return nil
	})
	out.WriteString(`]}`)
	if len(list) > 0 && status == 201 {
		response.Location = list[0].Key
	}
	response.Resource = &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: out.Bytes()}
	return response, err
}

// parameterOf names what an operation answers.
var parameterOf = map[string]string{
	"Contract": "contract", "Coverage": "coverage", "Invoice": "invoice", "Task": "task", "PaymentReconciliation": "refund",
}
