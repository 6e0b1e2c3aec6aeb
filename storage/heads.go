package storage

import (
	"bima/fhir"
	"bima/storage/query"
)

// Heads implements fhir.HeadReader. A version's row id is its stamp: it is made
// once, whatever becomes of the transaction.
func (r *reader) Heads(asked *fhir.Query) (heads []fhir.Head, _ error) {
	q := query.Search{Query: &fhir.Query{Types: asked.Types, Where: asked.Where}, Max: min(asked.Limit, pageMax) - 1}
	if err := r.planner().Prepare(&q); err != nil || q.Nothing() || asked.Limit <= 0 {
		return nil, err
	}
	if err := r.complete(asked); err != nil {
		return nil, err
	}
	p := r.planner()
	if err := p.Heads(&q); err != nil {
		return nil, err
	}
	rs, err := r.conn.search(p.String(), p.Args...)
	var types []int32
	err = each(rs, err, func(rs rows) error {
		var h fhir.Head
		var typ int32
		err := rs.Scan(&typ, &h.ID, &h.Stamp)
		heads, types = append(heads, h), append(types, typ)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, typ := range types {
		if heads[i].Type, err = r.names.typeName(typ); err != nil {
			return nil, err
		}
	}
	return heads, nil
}
