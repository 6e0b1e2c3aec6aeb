package patient

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/big"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/resources/patient/number"
)

// triesMax bounds how many numbers are tried before one is free: by chance hardly
// two are taken, and officers seldom give many numbers ahead of a series.
const triesMax = 1000

// seriesCode is the kind of a Basic that keeps how far a series has come.
const seriesCode = "number-series"

// number gives each new person without an insurance number one, where the scheme
// makes them.
func (s Settings) number(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	if s.Number.Generator == "" {
		return nil
	}
	m := &maker{Settings: s, tx: tx, series: map[string]*series{}}
	for _, c := range changes {
		if c.After == nil || c.Before != nil || c.Node.Get("active").Text() == "false" || c.Node.Identifier(profiles.IdentifierInsuranceNumber) != "" {
			continue
		}
		if err := m.give(c); err != nil {
			return err
		}
	}
	return m.keep()
}

// A maker makes the numbers of one transaction.
type maker struct {
	Settings
	tx     fhir.Tx
	series map[string]*series // by prefix
	order  []*series
}

// A series is the numbers of one prefix.
type series struct {
	prefix string
	stored fhir.Node // the Basic; absent before the first number
	last   *big.Int
}

func (m *maker) give(c fhir.Change) error {
	prefix, err := m.prefix(c.Node)
	if err != nil {
		return err
	}
	made, err := m.next(prefix)
	if err != nil {
		return err
	}
	identifier := []byte(fmt.Sprintf(`{"use":"official","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MB"}]},"system":%q,"value":%q}`,
		profiles.IdentifierInsuranceNumber, made))
	e := fhir.NewEdit(c.Node.Document())
	if list := c.Node.Get("identifier"); list.Exists() {
		e.Append(list, identifier)
	} else {
		e.Set(c.Node, "identifier", append(append([]byte{'['}, identifier...), ']'))
	}
	_, err = m.tx.Update(&fhir.Resource{Key: c.Key, Body: e.Bytes()}, 0)
	return err
}

// next gives a number that nobody bears.
func (m *maker) next(prefix string) (string, error) {
	one := new(big.Int).SetInt64(1)
	for range triesMax {
		var made string
		var ok bool
		var err error
		if m.Number.Generator == number.Random {
			made, ok, err = m.Number.Draw(prefix, m.random())
		} else {
			var s *series
			if s, err = m.seriesOf(prefix); err == nil {
				s.last.Add(s.last, one)
				made, ok = m.Number.Nth(prefix, s.last)
			}
		}
		if err != nil {
			return "", err
		}
		if ok && made == "" {
			break
		}
		if !ok {
			continue
		}
		_, taken, err := m.tx.Owner(fhir.UniqueKey{Type: "Patient", Name: profiles.IdentifierInsuranceNumber, Value: made})
		if err != nil || !taken {
			return made, err
		}
	}
	return "", fhir.Detailf(fhir.IssueBusinessRule, detailInsuranceNumber, "Patient.identifier",
		"there are no insurance numbers left that begin with %q; give one by hand, or ask for longer numbers in the settings", prefix)
}

func (m *maker) random() io.Reader {
	if m.Random == nil {
		return rand.Reader
	}
	return m.Random
}

// seriesOf reads a series, under a lock that lasts to the end of the transaction:
// so the numbers have no gaps.
func (m *maker) seriesOf(prefix string) (*series, error) {
	if s := m.series[prefix]; s != nil {
		return s, nil
	}
	if err := m.tx.Lock(seriesCode + "|" + prefix); err != nil {
		return nil, err
	}
	s := &series{prefix: prefix, last: new(big.Int)}
	k, there, err := m.tx.Owner(seriesKey(prefix))
	if err != nil {
		return nil, err
	}
	if there {
		if s.stored, err = fhir.Tree(m.tx, k); err != nil {
			return nil, err
		}
		text := s.stored.Extension(profiles.ExtensionSeriesLast).Get("valueString").Text()
		if _, ok := s.last.SetString(text, 10); !ok {
			return nil, fhir.Detailf(fhir.IssueBusinessRule, detailInsuranceNumber, "Basic.extension", "%s does not say how far the series has come, but %.40q", k, text)
		}
	}
	m.series[prefix], m.order = s, append(m.order, s)
	return s, nil
}

// seriesName is the identifier of a series, which is never "".
func seriesName(prefix string) string { return "insurance-number|" + prefix }

func seriesKey(prefix string) fhir.UniqueKey {
	return fhir.UniqueKey{Type: "Basic", Name: profiles.IdentifierSeries, Value: seriesName(prefix)}
}

// keep stores how far the series have come.
func (m *maker) keep() error {
	for _, s := range m.order {
		last := quote(s.last.String())
		if s.stored.Exists() {
			e := fhir.NewEdit(s.stored.Document())
			e.SetExtension(s.stored, profiles.ExtensionSeriesLast, "valueString", last)
			if _, err := m.tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Basic", ID: s.stored.Get("id").Text()}, Body: e.Bytes()}, 0); err != nil {
				return err
			}
			continue
		}
		body := fmt.Sprintf(`{"resourceType":"Basic","extension":[{"url":%q,"valueString":%s}],"identifier":[{"system":%q,"value":%s}],"code":{"coding":[{"system":%q,"code":%q}]}}`,
			profiles.ExtensionSeriesLast, last, profiles.IdentifierSeries, quote(seriesName(s.prefix)), profiles.SystemRecord, seriesCode)
		if _, err := m.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Basic"}, Body: []byte(body)}); err != nil {
			return err
		}
	}
	return nil
}

// checkSeries keeps series from being changed by hand, but by an administrator:
// a number would be given out twice, or never.
func checkSeries(ctx context.Context, _ fhir.Reader, c fhir.Change) error {
	caller, ok := fhir.CallerOf(ctx)
	if ok && caller.Has(fhir.RoleAdministrator) || !isSeries(c) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "Basic", "only an administrator may change a series of numbers")
}

func isSeries(c fhir.Change) bool {
	if c.After != nil && c.Node.Get("code").Code(profiles.SystemRecord) == seriesCode {
		return true
	}
	if c.Before == nil {
		return false
	}
	doc, err := fhir.Parse(c.Before.Body)
	return err == nil && doc.Root().Get("code").Code(profiles.SystemRecord) == seriesCode
}

// levelsMax is how far up a district is looked for from a village.
const levelsMax = 4

// prefix gives what the number of a person begins with, by where he lives.
func (m *maker) prefix(patient fhir.Node) (string, error) {
	if len(m.Number.Prefixes) == 0 {
		return "", nil
	}
	place := villageOf(patient)
	for range levelsMax {
		if place.IsZero() {
			break
		}
		location, err := fhir.Tree(m.tx, place)
		if err != nil {
			return "", err
		}
		for t := range location.Get("type").Each() {
			if t.Code(profiles.SystemOpenIMISLocation) == "D" {
				return m.Number.Prefix(location.Identifier(profiles.IdentifierLocation)), nil
			}
		}
		place = r4.Target(location.Get("partOf"))
	}
	return m.Number.Prefix(""), nil
}

// villageOf gives the village a person lives in, zero where no address names one.
func villageOf(patient fhir.Node) fhir.Key {
	for a := range patient.Get("address").Each() {
		if k := r4.Target(a.Extension(profiles.ExtensionOpenIMISAddressLocation).Get("valueReference")); k.Type == "Location" {
			return k
		}
	}
	return fhir.Key{}
}

// quote writes a text as JSON.
func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return text
}
