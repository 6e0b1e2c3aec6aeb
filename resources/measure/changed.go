package measure

import (
	"bima/fhir"
)

// A changed is a resource that others have written since all was counted.
type changed struct {
	key     fhir.Key
	version int64 // the one that was counted; 0 where there was none
}

// errForgotten says that what was counted can't be known any more.
var errForgotten = fhir.Errorf(fhir.IssueNotFound, "", "a version that was counted is gone")

// before gives what was counted: nil where there was none, or it was deleted.
func (c changed) before(r fhir.Reader) (*fhir.Resource, error) {
	if c.version == 0 {
		return nil, nil
	}
	v, err := r.ReadVersion(c.key, c.version)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil, errForgotten
	}
	if err != nil || v.Deleted {
		return nil, err
	}
	return v, nil
}

// A search finds what was written since a progress.
type search struct {
	from  progress
	until int64 // microseconds; versions of then and after are noted in later
	most  int   // how many versions are gone through
	types []string
	later map[fhir.Key]int64
	found []changed
	seen  int
}

// run gives whether it went through all there are.
func (s *search) run(r fhir.Reader) (all bool, err error) {
	s.later = map[fhir.Key]int64{}
	for _, typ := range s.types {
		if err := s.typed(r, typ); err != nil {
			return false, err
		}
	}
	return s.seen <= s.most, nil
}

// typed goes through the versions of a type, the newest first.
func (s *search) typed(r fhir.Reader, typ string) error {
	q := fhir.HistoryQuery{Type: typ, Since: s.from.done, Limit: changePage}
	if s.from.done == 0 || s.seen > s.most {
		q.Since = s.until
	}
	at := map[fhir.Key]int{} // in found
	for {
		page, err := r.History(&q)
		if err != nil {
			return err
		}
		for _, v := range page.Resources {
			k := keep(v.Key)
			now := v.Updated.UnixMicro() >= s.until
			if _, noted := s.later[k]; !noted && now {
				s.later[k] = v.Version
			}
			if s.seen > s.most && !now {
				return nil
			}
			counted := s.from.later[k]
			if s.from.done == 0 || v.Version <= counted {
				continue
			}
			s.seen++
			i, known := at[k]
			if !known {
				i = len(s.found)
				at[k], s.found = i, append(s.found, changed{key: k})
			}
			s.found[i].version = max(v.Version-1, counted)
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}
