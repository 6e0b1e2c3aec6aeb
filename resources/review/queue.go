package review

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	queueDefault = 50
	queueMax     = 200
	queuePage    = 100
	queueLooked  = 2000 // Tasks that are looked at for one answer
)

// oldest is the order of the queue: what is due first, then what was asked first.
var oldest = []fhir.SortKey{{Param: fhir.Param{Code: "due", Kind: fhir.ParamDate}}, {Param: fhir.Param{Code: "authored-on", Kind: fhir.ParamDate}}}

// queue is Task/$review-queue: what a reviewer may take, and what he has.
func (m module) queue(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, err := parameters(in)
	if err != nil {
		return nil, err
	}
	caller, _ := fhir.CallerOf(ctx)
	var found []*fhir.Resource
	err = s.View(ctx, func(r fhir.Reader) error {
		w, err := m.acting(r, caller, asked, m.today(m.Now()))
		if err != nil {
			return err
		}
		count := queueDefault
		if text := value(asked, "count").Text(); text != "" {
			if count, err = strconv.Atoi(text); err != nil || count < 1 || count > queueMax {
				return fhir.Errorf(fhir.IssueValue, parameter("count"), "count is a number from 1 to %d", queueMax)
			}
		}
		found, err = w.queue(r, asked, count)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: m.searchset(found)}, nil
}

// queue gives the Tasks that a reviewer may take or has.
func (w reviewer) queue(r fhir.Reader, asked fhir.Node, count int) ([]*fhir.Resource, error) {
	where, err := w.criteria(asked)
	if err != nil {
		return nil, err
	}
	specialty := value(asked, "specialty").Text()
	var list []*fhir.Resource
	after := ""
	for looked := 0; looked < queueLooked; looked += queuePage {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Where: where, Sort: oldest, Limit: queuePage, After: after})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return nil, err
			}
			mine, err := w.fits(r, doc.Root(), specialty)
			if err != nil {
				return nil, err
			}
			if mine {
				if list = append(list, resource); len(list) == count {
					return list, nil
				}
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return list, nil
}

// criteria gives what the database can tell of the queue.
func (w reviewer) criteria(asked fhir.Node) (fhir.Criterion, error) {
	where := fhir.All{
		fhir.Any{coded("code", profiles.SystemTask, selection.Review), coded("code", profiles.SystemTask, secondOpinion)},
		fhir.Any{coded("status", "", "requested"), fhir.All{fhir.Any{coded("status", "", "in-progress"), coded("status", "", "on-hold")}, match("owner", w.role)}},
	}
	for _, k := range w.facilities {
		where = append(where, fhir.Not{Criterion: match("requester", k)})
	}
	if text := value(asked, "area").Text(); text != "" {
		k := target(value(asked, "area"))
		if k.Type != "Location" {
			return nil, fhir.Errorf(fhir.IssueValue, parameter("area"), "an area is a Location of this server, not %.60q", text)
		}
		return append(where, match("area", k)), nil
	}
	if len(w.areas) > 0 {
		var areas fhir.Any
		for _, k := range w.areas {
			areas = append(areas, match("area", k))
		}
		where = append(where, areas)
	}
	return where, nil
}

// fits reports whether the reviewer is asked, and may be: a Task for a specialty is
// for those who have it.
func (w reviewer) fits(r fhir.Reader, task fhir.Node, only string) (bool, error) {
	suits, named := false, false
	for performer := range task.Get("performerType").Each() {
		for c := range performer.Get("coding").Each() {
			code := selection.Code{System: c.Get("system").Text(), Code: c.Get("code").Text()}
			if code.System == profiles.SystemSchemeRole {
				continue
			}
			named = true
			wanted := only == "" && (slices.Contains(w.specialties, code) || w.role.IsZero())
			suits = suits || wanted || only != "" && (only == code.Code || only == code.System+"|"+code.Code)
		}
	}
	if named && !suits || !named && only != "" {
		return false, nil
	}
	err := mayDecide(r, w, task)
	if fhir.HasIssue(err, fhir.IssueForbidden) {
		return false, nil
	}
	return err == nil, err
}

// target reads a Reference, or one that was written as a text.
func target(n fhir.Node) fhir.Key {
	if n.Get("reference").Exists() {
		return r4.Target(n)
	}
	literal := fhir.ParseReference(n.Text(), r4.IsResource)
	if !literal.Relative() {
		return fhir.Key{}
	}
	return literal.Key
}

// searchset writes the answer.
func (m module) searchset(found []*fhir.Resource) *fhir.Resource {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"resourceType":"Bundle","type":"searchset","total":%d`, len(found))
	base := strings.TrimSuffix(m.Base, "/")
	for i, resource := range found {
		b.WriteString([]string{`,"entry":[{`, `,{`}[min(i, 1)])
		if base != "" {
			fmt.Fprintf(&b, `"fullUrl":%q,`, base+"/"+resource.Key.String())
		}
		fmt.Fprintf(&b, `"resource":%s,"search":{"mode":"match"}}`, resource.Body)
	}
	if len(found) > 0 {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: b.Bytes()}
}
