package storage

import (
	"slices"

	"bima/fhir"
)

// samplesMax bounds the keys of one answer whatever is asked.
const samplesMax = 20_000

// Samples implements fhir.Sampler. The index is in the order of the values, so
// that one walk over it finds where each begins, without reading a resource.
func (r *reader) Samples(types []string, p fhir.Param, limit int) ([]fhir.Key, error) {
	bearing, err := r.names.bearing(p.Code)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, b := range bearing {
		if types == nil || slices.Contains(types, b.typ) {
			numbers = append(numbers, int64(b.number))
		}
	}
	if len(numbers) == 0 || limit <= 0 {
		return nil, nil
	}
	from, value := "sp_token", "t.code, t.sys"
	if p.Kind == fhir.ParamURI {
		from, value = "sp_uri", "t.uri, t.more"
	}
	b := r.builder()
	b.Add("SELECT DISTINCT r.typ, r.fid FROM (SELECT min(t.rid) AS rid FROM ", from, " t WHERE t.part = 0 AND ")
	b.In("t.sp", numbers)
	b.Add(" GROUP BY t.sp, ", value, " LIMIT ", b.Rows(int64(min(limit, samplesMax))), ") s JOIN resource r ON r.part = 0 AND r.rid = s.rid")
	return r.keys(r.conn.search(b.String(), b.Args...))
}

// keys reads rows of a type's number and an id.
func (s *session) keys(rs rows, err error) ([]fhir.Key, error) {
	var types []int32
	var keys []fhir.Key
	err = each(rs, err, func(rs rows) error {
		var typ int32
		var id string
		err := rs.Scan(&typ, &id)
		types, keys = append(types, typ), append(keys, fhir.Key{ID: id})
		return err
	})
	for i := 0; i < len(keys) && err == nil; i++ {
		keys[i].Type, err = s.names.typeName(types[i])
	}
	return keys, err
}

var _ fhir.Sampler = (*reader)(nil)
