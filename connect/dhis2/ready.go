package dhis2

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/subscription"
	"bima/profiles/indicator"
)

// Ready implements subscription.Sender: DHIS2 must let us in, know every code that
// we would send, and take a report of each data set for a trial.
func (s *Sender) Ready(ctx context.Context, call subscription.Call) error {
	c, codes, err := s.under(ctx, call)
	if err != nil {
		return err
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	sets := chosen(codes.pack, call.Subscription.Get("criteria").Text())
	if err := c.compare(ctx, codes, sets); err != nil {
		return err
	}
	known, err := c.compareUnits(ctx, codes, sets)
	if err != nil {
		return err
	}
	return c.try(ctx, codes, sets, known)
}

// chosen gives the data sets that criteria ask for; all where they name no measure.
func chosen(pack *indicator.Package, criteria string) []indicator.DataSet {
	_, query, _ := strings.Cut(criteria, "?")
	q, _ := url.ParseQuery(query)
	var sets []indicator.DataSet
	for _, values := range q["measure"] {
		for value := range strings.SplitSeq(values, ",") {
			value, _, _ = strings.Cut(value, "|")
			if d, ok := pack.DataSet(value[strings.LastIndexByte(value, '/')+1:]); ok {
				sets = append(sets, d)
			}
		}
	}
	if len(sets) == 0 {
		return pack.DataSets
	}
	return sets
}

// greet asks who DHIS2 is, and what we may there.
func (c *client) greet(ctx context.Context) error {
	var info struct {
		Version string `json:"version"`
	}
	if err := c.get(ctx, "system/info", nil, &info); err != nil {
		return err
	}
	if info.Version == "" {
		return errors.New("what answers names no version of DHIS2: it may not be one")
	}
	var me struct {
		Authorities []string `json:"authorities"`
	}
	if err := c.get(ctx, "me", nil, &me); err != nil {
		return err
	}
	if len(me.Authorities) > 0 && !slices.Contains(me.Authorities, "ALL") && !slices.Contains(me.Authorities, "F_DATAVALUE_ADD") {
		return subscription.Refused(errors.New("the user whom Subscription.channel.header names lacks the authority F_DATAVALUE_ADD"))
	}
	return nil
}

// named is what is asked of objects there.
type named struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

// known asks which codes of a plural DHIS2 knows, of those that a filter finds.
func (c *client) known(ctx context.Context, plural, filter string) (map[string]bool, error) {
	var answer map[string][]named
	q := url.Values{"fields": {"id,code"}, "paging": {"false"}}
	if filter != "" {
		q.Set("filter", filter)
	}
	if err := c.get(ctx, plural, q, &answer); err != nil {
		return nil, err
	}
	codes := map[string]bool{}
	for _, o := range answer[plural] {
		codes[o.Code] = true
		codes["uid "+o.ID] = true
	}
	return codes, nil
}

// compare asks whether DHIS2 knows each code that could be sent.
func (c *client) compare(ctx context.Context, codes *catalogue, sets []indicator.DataSet) error {
	wanted := map[string][]string{}
	combos := map[string]bool{}
	for _, d := range sets {
		wanted["dataSets"] = append(wanted["dataSets"], c.set.dataSet(d.Code))
		for _, e := range codes.pack.Of(d.Code) {
			wanted["dataElements"] = append(wanted["dataElements"], c.set.code(e.Code))
			if combos[e.Combo] {
				continue
			}
			combos[e.Combo] = true
			for cell := range codes.pack.Cells(e.Combo) {
				wanted["categoryOptionCombos"] = append(wanted["categoryOptionCombos"], c.set.code(cell.Code))
			}
		}
	}
	filters := map[string]string{
		"dataSets": "code:in:[" + strings.Join(wanted["dataSets"], ",") + "]", "dataElements": "code:in:[" + strings.Join(wanted["dataElements"], ",") + "]",
		"categoryOptionCombos": "code:like:" + c.set.prefix + "HFC_",
	}
	if c.set.attribute != indicator.DefaultCombo {
		wanted["attributes"] = []string{c.set.attribute}
		filters["attributes"] = "code:eq:" + c.set.attribute
	}
	var missing []string
	for _, plural := range []string{"dataSets", "dataElements", "categoryOptionCombos", "attributes"} {
		if len(wanted[plural]) == 0 {
			continue
		}
		have, err := c.known(ctx, strings.ReplaceAll(plural, "attributes", "categoryOptionCombos"), filters[plural])
		if err != nil {
			return err
		}
		for _, code := range wanted[plural] {
			if !have[code] {
				missing = append(missing, code)
			}
		}
	}
	if len(missing) > 0 {
		return subscription.Refused(fmt.Errorf("DHIS2 does not know %d of our codes (%s): import the metadata package of this server first", len(missing), listed(missing, 20)))
	}
	return nil
}

// listed names some of many.
func listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// compareUnits asks which of the places that report are known to DHIS2. Those that
// are not keep nobody else from reporting: a person is told of them.
func (c *client) compareUnits(ctx context.Context, codes *catalogue, sets []indicator.DataSet) (map[string]bool, error) {
	have, err := c.known(ctx, "organisationUnits", "")
	if err != nil {
		return nil, err
	}
	known, missing := map[string]bool{}, []string{}
	for _, u := range codes.units {
		if !slices.ContainsFunc(sets, func(d indicator.DataSet) bool { return u.reports(d.Unit) }) {
			continue
		}
		theirs := c.set.unit(u)
		name := theirs
		if c.set.unitScheme == "UID" {
			name = "uid " + theirs
		}
		if theirs == "" || !have[name] {
			missing = append(missing, u.code)
			continue
		}
		known[u.key] = true
	}
	if len(known) == 0 && len(missing) > 0 {
		return nil, subscription.Refused(fmt.Errorf("DHIS2 knows none of our %d places and facilities (%s): import the metadata package, or set org-unit-map or org-unit-system at %s",
			len(missing), listed(missing, 10), c.set.endpoint))
	}
	return known, c.tellUnits(ctx, missing)
}

// tried bounds the reports among which some for a trial are looked for.
const tried = 200

// try sends a report of each data set for a trial, where there is one.
func (c *client) try(ctx context.Context, codes *catalogue, sets []indicator.DataSet, known map[string]bool) error {
	var page *fhir.Page
	err := c.call.Server.View(ctx, func(r fhir.Reader) (err error) {
		page, err = r.Search(&fhir.Query{Types: []string{"MeasureReport"}, Limit: tried})
		return err
	})
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, resource := range page.Resources {
		one, ok, err := reportOf(codes.pack, resource)
		if err != nil {
			return err
		}
		if !ok || one.period.Months != 1 || done[one.dataSet.Code] || !slices.Contains(sets, one.dataSet) || !known[one.place] {
			continue
		}
		p := c.set.payload(one, report{})
		p.CompleteDate = "" // a trial completes nothing
		p.OrgUnit = c.unit(codes, one.place)
		if len(p.DataValues) == 0 {
			continue
		}
		done[one.dataSet.Code] = true
		if _, err := c.post(ctx, p, true); err != nil {
			return err
		}
	}
	return nil
}
