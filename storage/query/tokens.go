package query

import (
	"bima/fhir"
	"bima/storage/index"
)

// systemsMax bounds the code systems of one set of tokens.
const systemsMax = 1000

// tokens writes that a token is one of many, by one look-up of all codes. Each
// system's codes are one list, since value sets have few systems.
func (p *Planner) tokens(v fhir.TokenSetValue, t string) error {
	set := group(v.Tokens)
	parts := len(set.systems)
	if parts > systemsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "The codes to search for are of more than %d code systems.", systemsMax)
	}
	if set.any {
		p.Add("1 = 1")
		return nil
	}
	if parts == 1 && len(set.codes)+len(set.whole) == 0 {
		p.ofSystem(set.systems[0], t)
		return nil
	}
	if parts > 0 && len(set.whole) == 0 {
		p.In(t+".code", set.all) // the index is by code: one list bounds the look-up
		p.Add(" AND ")
	}
	var either []func()
	if len(set.codes) > 0 {
		either = append(either, func() { p.In(t+".code", set.codes) })
	}
	if len(set.whole) > 0 {
		either = append(either, func() { p.In(t+".sys", set.whole) })
	}
	for _, one := range set.systems {
		either = append(either, func() { p.ofSystem(one, t) })
	}
	p.either(either)
	return nil
}

// ofSystem writes that a token is one of a system's.
func (p *Planner) ofSystem(one systemCodes, t string) {
	p.Add("(", t, ".sys = ", p.Arg(one.system), " AND ")
	p.In(t+".code", one.codes)
	p.Add(")")
}

// either writes alternatives; none never hold.
func (p *Planner) either(all []func()) {
	if len(all) == 0 {
		p.Add("1 = 0")
		return
	}
	_ = p.joined(len(all), " OR ", func(i int) error {
		all[i]()
		return nil
	})
}

// A tokenSet is a TokenSetValue by the forms of its tokens, as hashes.
type tokenSet struct {
	any     bool    // any code of any system
	all     []int64 // every code
	codes   []int64 // of any system
	whole   []int64 // systems with any code
	systems []systemCodes
}

type systemCodes struct {
	system int64
	codes  []int64
}

func group(all []fhir.TokenValue) (out tokenSet) {
	places := map[string]int{}
	for _, v := range all {
		switch {
		case v.AnyCode && v.AnySystem:
			out.any = true
			continue
		case v.AnyCode:
			out.whole = append(out.whole, index.Hash(v.System))
			continue
		case v.AnySystem:
			out.codes = append(out.codes, index.Hash(v.Code))
		default:
			at, ok := places[v.System]
			if !ok {
				at = len(out.systems)
				places[v.System] = at
				out.systems = append(out.systems, systemCodes{system: index.Hash(v.System)})
			}
			out.systems[at].codes = append(out.systems[at].codes, index.Hash(v.Code))
		}
		out.all = append(out.all, index.Hash(v.Code))
	}
	return out
}
