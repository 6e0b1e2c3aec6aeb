package storage

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/query"
	"bima/storage/rowid"
)

// reader implements fhir.Reader in one transaction.
type reader struct{ session }

// The methods as history keeps them.
const (
	opCreate int64 = iota + 1
	opUpdate
	opPatch
	opDelete
)

func opOf(m fhir.Method, deleted bool, version int64) int64 {
	switch {
	case deleted:
		return opDelete
	case m == fhir.MethodCreate:
		return opCreate
	case m == fhir.MethodPatch:
		return opPatch
	case m == "" && version == 1:
		return opCreate
	}
	return opUpdate
}

func methodOf(op int64) fhir.Method {
	switch op {
	case opCreate:
		return fhir.MethodCreate
	case opPatch:
		return fhir.MethodPatch
	case opDelete:
		return fhir.MethodDelete
	}
	return fhir.MethodUpdate
}

// stub is a version as its row in resource or history says, without the type.
type stub struct {
	rid, vid, version int64
	typ               int32
	id                string
	op                int64
	zip               int64
	body              []byte
}

func (s *session) resource(v stub) (*fhir.Resource, error) {
	typ, err := s.names.typeName(v.typ)
	if err != nil {
		return nil, err
	}
	body, err := unpack(v.zip, v.body)
	if err != nil {
		return nil, fmt.Errorf("%s/%s version %d: %w", typ, v.id, v.version, err)
	}
	return &fhir.Resource{
		Key: fhir.Key{Type: typ, ID: v.id}, Version: v.version, Updated: rowid.Time(v.vid),
		Deleted: v.op == opDelete, Method: methodOf(v.op), Body: body,
	}, nil
}

const (
	versionColumns = "SELECT r.rid, h.vid, h.ver, r.typ, r.fid, h.op, h.zip, h.body FROM resource r"
	selectVersion  = versionColumns + " JOIN history h "
)

func scanStub(r rows) (v stub, err error) {
	err = r.Scan(&v.rid, &v.vid, &v.version, &v.typ, &v.id, &v.op, &v.zip, &v.body)
	return v, err
}

// stubs scans all rows first, so that no statement runs within another.
func stubs(r rows, err error) (all []stub, _ error) {
	err = each(r, err, func(r rows) error {
		v, err := scanStub(r)
		all = append(all, v)
		return err
	})
	return all, err
}

func (s *session) resources(all []stub) ([]*fhir.Resource, error) { return s.fitting(all, 0) }

// fitting reads versions, one at least, until they have so many bytes; 0 is no
// limit.
func (s *session) fitting(all []stub, limit int) ([]*fhir.Resource, error) {
	out, size := make([]*fhir.Resource, 0, len(all)), 0
	for _, v := range all {
		r, err := s.resource(v)
		if err != nil {
			return nil, err
		}
		out, size = append(out, r), size+len(r.Body)
		if limit > 0 && size >= limit {
			break
		}
	}
	return out, nil
}

func missing(k fhir.Key) error {
	return fhir.Errorf(fhir.IssueNotFound, "", "There is no %s.", k)
}

// Read implements fhir.Reader.
func (r *reader) Read(k fhir.Key) (*fhir.Resource, error) {
	_, _, resource, err := r.current(k)
	if err == nil && resource == nil {
		return nil, missing(k)
	}
	return resource, err
}

// current gives the current version and the ids of its rows; nil where there is
// none.
func (s *session) current(k fhir.Key) (rid, vid int64, _ *fhir.Resource, _ error) {
	typ, ok, err := s.names.known(k.Type, "")
	if err != nil || !ok {
		return 0, 0, nil, err
	}
	all, err := stubs(s.conn.query(selectVersion+
		"ON h.vid = r.vid WHERE r.part = 0 AND h.part = 0 AND r.typ = $1 AND r.fh = $2", typ, index.Hash(k.ID)))
	if err != nil || len(all) == 0 || all[0].id != k.ID {
		return 0, 0, nil, err
	}
	resource, err := s.resource(all[0])
	return all[0].rid, all[0].vid, resource, err
}

// ReadVersion implements fhir.Reader.
func (r *reader) ReadVersion(k fhir.Key, version int64) (*fhir.Resource, error) {
	gone := fhir.Errorf(fhir.IssueNotFound, "", "There is no version %d of %s.", version, k)
	typ, ok, err := r.names.known(k.Type, "")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, gone
	}
	all, err := stubs(r.conn.query(selectVersion+
		"ON h.part = 0 AND h.rid = r.rid AND h.ver = $3 WHERE r.part = 0 AND r.typ = $1 AND r.fh = $2",
		typ, index.Hash(k.ID), version))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].id != k.ID {
		return nil, gone
	}
	return r.resource(all[0])
}

const (
	// readManyMax bounds the keys of one type in a statement, readTypesMax the types.
	readManyMax  = 500
	readTypesMax = 8
)

// A some is keys of one type: the type's number and the hashes of ids.
type some struct {
	typ    int32
	hashes []int64
}

// ReadMany implements fhir.Reader. Resources of several types come by one
// statement: for PostgreSQL each is a way there and back.
func (r *reader) ReadMany(keys []fhir.Key) ([]*fhir.Resource, error) {
	wanted, parts, err := r.parts(keys)
	if err != nil {
		return nil, err
	}
	var out []*fhir.Resource
	for together := range slices.Chunk(parts, readTypesMax) {
		b := r.lookUp(together)
		found, err := stubs(r.conn.query(b.String(), b.Args...))
		if err == nil {
			out, err = r.among(wanted, found, out)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parts gives what is to be looked up, each key once, and by type.
func (r *reader) parts(keys []fhir.Key) (wanted map[fhir.Key]struct{}, parts []some, _ error) {
	wanted = make(map[fhir.Key]struct{}, len(keys))
	byType := map[string][]int64{}
	for _, k := range keys {
		if _, twice := wanted[k]; !twice {
			wanted[k] = struct{}{}
			byType[k.Type] = append(byType[k.Type], index.Hash(k.ID))
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(byType)) {
		number, ok, err := r.names.known(typ, "")
		if err != nil {
			return nil, nil, err
		}
		for hashes := range slices.Chunk(byType[typ], readManyMax) {
			if ok {
				parts = append(parts, some{number, hashes})
			}
		}
	}
	return wanted, parts, nil
}

// among adds to out the resources that are wanted: another id may have the hash of
// one.
func (r *reader) among(wanted map[fhir.Key]struct{}, all []stub, out []*fhir.Resource) ([]*fhir.Resource, error) {
	found, err := r.resources(all)
	for _, f := range found {
		if _, asked := wanted[f.Key]; asked {
			out = append(out, f)
		}
	}
	return out, err
}

// lookUp writes the statement that looks up keys of several types.
func (r *reader) lookUp(parts []some) *query.Builder {
	b := r.builder()
	for i, part := range parts {
		if i > 0 {
			b.Add(" UNION ALL ")
		}
		b.Add(versionColumns, b.ByID(), " JOIN history h ON h.vid = r.vid WHERE r.part = 0 AND h.part = 0 AND r.deleted = 0 AND r.typ = ", b.Arg(part.typ), " AND ")
		b.In("r.fh", part.hashes)
	}
	return b
}

// Owner implements fhir.Reader.
func (r *reader) Owner(u fhir.UniqueKey) (k fhir.Key, ok bool, err error) {
	typ, known, err := r.names.known(u.Type, "")
	if err != nil || !known {
		return k, false, err
	}
	rs, err := r.conn.query("SELECT r.fid, u.name, u.value FROM uniq_key u JOIN resource r ON r.part = u.part AND r.rid = u.rid "+
		"WHERE u.part = 0 AND u.typ = $1 AND u.h = $2", typ, index.HashPair(u.Name, u.Value))
	err = each(rs, err, func(rs rows) error {
		var name, value string
		err := rs.Scan(&k.ID, &name, &value)
		ok = name == index.Stored(u.Name) && value == index.Stored(u.Value)
		return err
	})
	k.Type = u.Type
	if !ok {
		k = fhir.Key{}
	}
	return k, ok, err
}

// referrersMax bounds the keys of one answer whatever is asked.
const referrersMax = 10000

// Referrers implements fhir.Referrers. The index of references begins with the
// parameter, so it is asked for each of them that there is: some hundred look-ups
// of one statement cost less than another index would cost every write.
func (r *reader) Referrers(k fhir.Key, limit int) ([]fhir.Key, error) {
	return r.ReferrersOf([]fhir.Key{k}, limit)
}

// ReferrersOf implements fhir.ManyReferrers, one statement for each type of the
// resources referred to.
func (r *reader) ReferrersOf(of []fhir.Key, limit int) (out []fhir.Key, err error) {
	byType := map[string][]int64{}
	for _, k := range of {
		byType[k.Type] = append(byType[k.Type], index.Hash(k.ID))
	}
	limit = min(limit, referrersMax)
	for _, typ := range slices.Sorted(maps.Keys(byType)) {
		found, err := r.referrers(typ, byType[typ], limit)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			if len(byType) == 1 || !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out[:min(len(out), max(limit, 0))], nil
}

func (r *reader) referrers(of string, hashes []int64, limit int) ([]fhir.Key, error) {
	typ, ok, err := r.names.known(of, "")
	if err != nil || !ok || limit <= 0 {
		return nil, err
	}
	numbers, err := r.numbers()
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	b := r.builder()
	b.Add("SELECT DISTINCT r.typ, r.fid FROM sp_reference t JOIN resource r ON r.part = 0 AND r.rid = t.rid WHERE t.part = 0 AND ")
	b.In("t.sp", numbers)
	b.Add(" AND ")
	b.In("t.h", hashes)
	b.Add(" AND t.ttyp = ", b.Arg(typ), " LIMIT ", b.Rows(int64(limit)))
	return r.keys(r.conn.search(b.String(), b.Args...))
}

// numbers gives the numbers of all parameters that references are found by.
func (r *reader) numbers() ([]int64, error) {
	all, err := params(r.conn.query("SELECT p.id, p.type, p.code, p.building FROM registry p WHERE p.code <> '' " +
		"AND (SELECT 1 FROM sp_reference t WHERE t.part = 0 AND t.sp = p.id LIMIT 1) IS NOT NULL"))
	out := make([]int64, 0, len(all))
	for _, p := range all {
		out = append(out, int64(p.number))
	}
	return out, err
}

// bodyZipBytes is the size from which SQLite bodies are stored compressed.
// Below it the page they save costs less than the time they take to inflate on
// every read. PostgreSQL compresses by itself (lz4).
const bodyZipBytes = 6 << 10

// How a body is stored, as history.zip says.
const (
	zipNone  int64 = 0
	zipFlate int64 = 1
)

var flateWriters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic("flate refuses its own constant: " + err.Error())
	}
	return w
}}

// pack compresses a body where it pays.
func pack(body []byte) (zip int64, packed []byte) {
	if len(body) < bodyZipBytes {
		return zipNone, body
	}
	var out bytes.Buffer
	out.Grow(len(body) / 3)
	w := flateWriters.Get().(*flate.Writer)
	defer flateWriters.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return zipNone, body
	}
	if err := w.Close(); err != nil || out.Len() > len(body)*3/4 {
		return zipNone, body
	}
	return zipFlate, out.Bytes()
}

// unpack gives the body as it was given to Put.
func unpack(zip int64, packed []byte) ([]byte, error) {
	switch zip {
	case zipNone:
		return packed, nil
	case zipFlate:
		body, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
		if err != nil {
			return nil, fmt.Errorf("the stored body is damaged: %v", err) // not wrapped: an EOF is no lost connection here
		}
		return body, nil
	}
	return nil, fmt.Errorf("the body is stored in an unknown form %d", zip)
}
