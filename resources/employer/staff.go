package employer

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// A staff is the Group of those who work for an employer.
type staff struct {
	key     fhir.Key // zero where there is none yet
	node    fhir.Node
	members []*employee
}

// An employee is a member of the Group.
type employee struct {
	node        fhir.Node // absent for one who is new
	person      fhir.Key
	active      bool
	from, until string // days, "" where they are not known
	income      fhir.Money
	plans       []string
	number      string
}

func (e *employee) in(plan string) bool { return slices.Contains(e.plans, plan) }

// onceEach refuses employees who are in two plans of one product.
func (s *staff) onceEach(plans []*plan) error {
	for i, m := range s.members {
		in := map[fhir.Key]string{}
		for _, p := range plans {
			if !m.active || !m.in(p.code) {
				continue
			}
			if other, twice := in[p.product]; twice {
				return refuse(fmt.Sprintf("Group.member[%d].extension('%s')", i, profiles.ExtensionEmployment),
					"%s is in %s and %s, both plans of %s; nobody is covered by one product twice, so leave one out", m.person, other, p.code, p.product)
			}
			in[p.product] = p.code
		}
	}
	return nil
}

// planFor gives the plan under which a cover goes on in a contract: of its product
// the one that its employee is in now, else the same, else the first; nil where the
// contract has none.
func (s *staff) planFor(old *cover, plans []*plan) *plan {
	var found *plan
	for _, p := range plans {
		if p.product != old.product {
			continue
		}
		if slices.ContainsFunc(s.members, func(m *employee) bool { return m.active && m.person == old.person && m.in(p.code) }) {
			return p
		}
		if found == nil || p.code == old.plan {
			found = p
		}
	}
	return found
}

// staffOf reads the employees of an employer.
func staffOf(r fhir.Reader, employer fhir.Key) (*staff, error) {
	s := &staff{}
	err := each(r, "Group", refers("managing-entity", employer), func(k fhir.Key, n fhir.Node) error {
		if !isEmployees(n) || n.Get("active").Text() == "false" {
			return nil
		}
		if !s.key.IsZero() {
			return refuse("Group.managingEntity", "%s has two groups of employees, %s and %s; put them into one and set the other inactive", employer, s.key, k)
		}
		s.key, s.node = k, n
		return nil
	})
	for m := range s.node.Get("member").Each() {
		e := &employee{
			node: m, person: r4.Target(m.Get("entity")), active: m.Get("inactive").Text() != "true",
			from: m.At("period", "start").Text(), until: m.At("period", "end").Text(),
		}
		job := m.Extension(profiles.ExtensionEmployment)
		e.income, _ = moneyOf(job.Extension("income").Get("valueMoney"))
		e.number = job.Extension("number").Get("valueString").Text()
		for x := range job.Get("extension").Each() {
			if x.Get("url").Text() == "plan" {
				e.plans = append(e.plans, x.Get("valueString").Text())
			}
		}
		s.members = append(s.members, e)
	}
	return s, err
}

// job spells what was declared of an employee.
func (e *employee) job() []byte {
	job := extension{URL: profiles.ExtensionEmployment}
	if e.income.Currency != "" {
		job.Extension = append(job.Extension, extension{URL: "income", ValueMoney: amount(e.income)})
	}
	for _, p := range e.plans {
		job.Extension = append(job.Extension, extension{URL: "plan", ValueString: p})
	}
	if e.number != "" {
		job.Extension = append(job.Extension, extension{URL: "number", ValueString: e.number})
	}
	return datatype.JSON(job)
}

// write stores the Group with its members as they are now, under its employer.
func (s *staff) write(tx fhir.Tx, employer fhir.Key) error {
	if s.key.IsZero() {
		body := datatype.JSON(map[string]any{
			"resourceType": "Group", "type": "person", "actual": true, "code": datatype.Of(profiles.SystemGroupKind, "employees"), "managingEntity": datatype.To(employer),
			"member": s.newcomers(),
		})
		stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Group"}, Body: body})
		if err == nil {
			s.key = stored.Key
		}
		return err
	}
	e := fhir.NewEdit(s.node.Document())
	for _, m := range s.members {
		if m.node.Exists() {
			m.edit(e)
		}
	}
	if list, added := s.node.Get("member"), s.newcomers(); list.Exists() {
		for _, m := range added {
			e.Append(list, datatype.JSON(m))
		}
	} else if len(added) > 0 {
		e.Set(s.node, "member", datatype.JSON(added))
	}
	_, err := tx.Update(&fhir.Resource{Key: s.key, Body: e.Bytes()}, 0)
	return err
}

// memberJSON is a Group.member.
type memberJSON struct {
	Extension []rawJSON `json:"extension"`
	Entity    reference `json:"entity"`
	Period    *period   `json:"period,omitempty"`
	Inactive  bool      `json:"inactive,omitempty"`
}

func (s *staff) newcomers() []memberJSON {
	var list []memberJSON
	for _, m := range s.members {
		if !m.node.Exists() {
			list = append(list, memberJSON{[]rawJSON{m.job()}, datatype.To(m.person), new(datatype.Between(m.from, m.until)), !m.active})
		}
	}
	return list
}

// edit writes what changed of a member.
func (e *employee) edit(edit *fhir.Edit) {
	job := e.job()
	switch had, list := e.node.Extension(profiles.ExtensionEmployment), e.node.Get("extension"); {
	case had.Exists() && string(had.Raw()) == string(job), len(e.plans) == 0:
	case had.Exists():
		edit.Replace(had, job)
	case list.Exists():
		edit.Append(list, job)
	default:
		edit.Set(e.node, "extension", datatype.JSON([]rawJSON{job}))
	}
	if e.from != e.node.At("period", "start").Text() || e.until != e.node.At("period", "end").Text() {
		edit.Set(e.node, "period", datatype.JSON(datatype.Between(e.from, e.until)))
	}
	if inactive := e.node.Get("inactive").Text() == "true"; inactive == e.active {
		edit.Set(e.node, "inactive", datatype.JSON(!e.active))
	}
}
