// Package index turns a fhir.Index into the rows of the index tables, tells what
// differs between those of two versions, and writes that.
package index

import "bima/fhir"

// The rows of the index tables, as written: part and rid are left out.
type (
	tokenRow struct {
		sp        int32
		code, sys int64
		txt       string
	}
	stringRow struct {
		sp         int32
		norm, more string
		exact      int64
	}
	dateRow struct {
		sp     int32
		lo, hi int64
	}
	numberRow struct {
		sp     int32
		lo, hi float64
	}
	quantityRow struct {
		sp              int32
		lo, hi          float64
		sys, code, unit int64
	}
	referenceRow struct {
		sp   int32
		h    int64
		ttyp int32
	}
	uriRow struct {
		sp        int32
		uri, more string
	}
	compositeRow struct {
		sp                       int32
		code1, sys1, code2, sys2 int64
		lo, hi                   float64
		txt                      string
	}
	positionRow struct {
		sp      int32
		x, y, z float64
	}
	textRow struct {
		sp          int32
		param, text string
	}
	uniqueRow struct {
		typ         int32
		h           int64
		name, value string
	}
)

// Rows are an Index as its tables hold it.
type Rows struct {
	tokens     []tokenRow
	strings    []stringRow
	dates      []dateRow
	numbers    []numberRow
	quantities []quantityRow
	references []referenceRow
	uris       []uriRow
	composites []compositeRow
	positions  []positionRow
	texts      []textRow
	uniques    []uniqueRow
}

// Of turns an Index into rows. number gives the parameter's number in the
// registry; the first failure ends it.
func Of(typ string, x *fhir.Index, number func(typ, code string) (int32, error)) (*Rows, error) {
	out := &Rows{}
	if x == nil {
		return out, nil
	}
	b := rowBuilder{typ: typ, number: number}
	b.texts(x, out)
	b.ranges(x, out)
	b.links(x, out)
	b.fullTexts(x, out)
	for _, r := range x.Composites {
		out.composites = append(out.composites, compositeRow{
			sp: b.sp(r.Param), code1: Hash(r.First.Code), sys1: Hash(r.First.System),
			code2: Hash(r.Second.Code), sys2: Hash(r.Second.System), lo: r.Low, hi: r.High, txt: Clip(r.Text),
		})
	}
	for _, r := range x.Positions {
		at := Sphere(r.Latitude, r.Longitude)
		out.positions = append(out.positions, positionRow{sp: b.sp(r.Param), x: at[0], y: at[1], z: at[2]})
	}
	for _, u := range x.Unique {
		out.uniques = append(out.uniques, uniqueRow{typ: b.sp2(u.Type), h: HashPair(u.Name, u.Value), name: Stored(u.Name), value: Stored(u.Value)})
	}
	return out, b.err
}

type rowBuilder struct {
	typ    string
	number func(typ, code string) (int32, error)
	err    error
}

func (b *rowBuilder) sp(code string) int32 {
	if b.err != nil {
		return 0
	}
	n, err := b.number(b.typ, code)
	b.err = err
	return n
}

func (b *rowBuilder) texts(x *fhir.Index, out *Rows) {
	out.tokens = make([]tokenRow, 0, len(x.Tokens))
	for _, r := range x.Tokens {
		out.tokens = append(out.tokens, tokenRow{
			sp: b.sp(r.Param), code: Hash(r.Code), sys: Hash(r.System), txt: TokenText(r.Code),
		})
	}
	out.strings = make([]stringRow, 0, len(x.Strings))
	for _, r := range x.Strings {
		norm, more := Cut(Stored(r.Normal))
		out.strings = append(out.strings, stringRow{sp: b.sp(r.Param), norm: norm, more: more, exact: Hash(r.Exact)})
	}
	for _, r := range x.URIs {
		uri, more := Cut(Stored(r.URI))
		out.uris = append(out.uris, uriRow{sp: b.sp(r.Param), uri: uri, more: more})
	}
}

func (b *rowBuilder) ranges(x *fhir.Index, out *Rows) {
	for _, r := range x.Dates {
		out.dates = append(out.dates, dateRow{sp: b.sp(r.Param), lo: r.From, hi: r.To})
	}
	for _, r := range x.Numbers {
		out.numbers = append(out.numbers, numberRow{sp: b.sp(r.Param), lo: r.Low, hi: r.High})
	}
	for _, r := range x.Quantities {
		out.quantities = append(out.quantities, quantityRow{
			sp: b.sp(r.Param), lo: r.Low, hi: r.High, sys: Hash(r.System), code: Hash(r.Code), unit: Hash(r.Unit),
		})
	}
}

func (b *rowBuilder) links(x *fhir.Index, out *Rows) {
	out.references = make([]referenceRow, 0, len(x.References))
	for _, r := range x.References {
		row := referenceRow{sp: b.sp(r.Param)}
		if r.Key.ID != "" {
			row.ttyp, row.h = b.sp2(r.Key.Type), Hash(r.Key.ID)
		} else {
			row.h = Hash(r.URL)
		}
		out.references = append(out.references, row)
	}
}

// sp2 gives the number of a resource type.
func (b *rowBuilder) sp2(typ string) int32 {
	if b.err != nil {
		return 0
	}
	n, err := b.number(typ, "")
	b.err = err
	return n
}
