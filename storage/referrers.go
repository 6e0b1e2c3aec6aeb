package storage

import (
	"bima/fhir"
	"bima/storage/index"
)

// referrersMax bounds the keys of one answer whatever is asked.
const referrersMax = 10000

// Referrers implements fhir.Referrers. The index of references begins with the
// parameter, so it is asked for each of them that there is: some hundred look-ups
// of one statement cost less than another index would cost every write.
func (r *reader) Referrers(k fhir.Key, limit int) ([]fhir.Key, error) {
	typ, ok, err := r.names.known(k.Type, "")
	if err != nil || !ok || limit <= 0 {
		return nil, err
	}
	numbers, err := r.numbers()
	if err != nil {
		return nil, err
	}
	b := r.builder()
	b.Add("SELECT DISTINCT r.typ, r.fid FROM sp_reference t JOIN resource r ON r.part = 0 AND r.rid = t.rid WHERE t.part = 0 AND ")
	b.In("t.sp", numbers)
	b.Add(" AND t.h = ", b.Arg(index.Hash(k.ID)), " AND t.ttyp = ", b.Arg(typ), " LIMIT ", b.Arg(int64(min(limit, referrersMax))))
	type found struct {
		typ int32
		id  string
	}
	var all []found
	rs, err := r.conn.search(b.String(), b.Args...)
	err = each(rs, err, func(rs rows) error {
		var f found
		err := rs.Scan(&f.typ, &f.id)
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]fhir.Key, 0, len(all))
	for _, f := range all {
		name, err := r.names.typeName(f.typ)
		if err != nil {
			return nil, err
		}
		out = append(out, fhir.Key{Type: name, ID: f.id})
	}
	return out, nil
}

// numbers gives the numbers of all parameters.
func (r *reader) numbers() ([]int64, error) {
	all, err := params(r.conn.query("SELECT id, type, code, building FROM registry WHERE code <> ''"))
	out := make([]int64, 0, len(all))
	for _, p := range all {
		out = append(out, int64(p.number))
	}
	return out, err
}
