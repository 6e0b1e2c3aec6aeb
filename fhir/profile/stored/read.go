package stored

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/profile"
)

const (
	headsMax = 20_000 // StructureDefinitions that are looked at; those of R4 are 650
	readPage = 50     // bodies at a time
)

// refresh puts in force what is stored now. Versions that it has read before it
// does not read again.
func (p *Profiles) refresh(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	mark, err := p.census(ctx) // before what it is about is read
	if err != nil {
		return err
	}
	kept := map[fhir.Key]held{}
	changed := false
	err = p.store.View(ctx, func(r fhir.Reader) error {
		clear(kept)
		changed, err = p.read(r, kept)
		return err
	})
	if err != nil {
		return err
	}
	p.mark = mark
	if !changed && len(kept) == len(p.kept) {
		return nil
	}
	p.kept = kept
	before := p.inForce.Load()
	next := arrange(kept)
	next.edition = before.edition + 1
	next.set = p.known
	if len(next.sources) > 0 {
		next.set = p.known.Over(next.sources)
	}
	p.inForce.Store(next)
	return nil
}

// arrange puts what is kept in the order in which it was stored: where there is too
// much, what was in force before stays.
func arrange(kept map[fhir.Key]held) *force {
	all := make([]held, 0, len(kept))
	for _, h := range kept {
		if h.source != nil {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b held) int { return cmp.Compare(a.stamp, b.stamp) })
	next := &force{}
	for _, h := range all {
		if len(next.sources) < storedMax && next.bytes+h.source.Bytes() <= bytesMax {
			next.sources = append(next.sources, h.source)
			next.bytes += h.source.Bytes()
		}
	}
	return next
}

// read finds out which versions are stored and reads those that are not known. It
// reports whether there were any.
func (p *Profiles) read(r fhir.Reader, kept map[fhir.Key]held) (changed bool, _ error) {
	heads, ok := r.(fhir.HeadReader)
	if !ok {
		return false, fmt.Errorf("profile/stored: the store can't tell versions apart")
	}
	found, err := heads.Heads(&fhir.Query{Types: []string{definitionType}, Limit: headsMax})
	if err != nil {
		return false, err
	}
	stamps := map[fhir.Key]int64{}
	var unread []fhir.Key
	for _, h := range found {
		if old, ok := p.kept[h.Key]; ok && old.stamp == h.Stamp {
			kept[h.Key] = old
			continue
		}
		stamps[h.Key] = h.Stamp
		unread = append(unread, h.Key)
	}
	for keys := range slices.Chunk(unread, readPage) {
		bodies, err := r.ReadMany(keys)
		if err != nil {
			return false, err
		}
		for _, b := range bodies {
			source, err := p.source(b)
			if err != nil {
				return false, err
			}
			kept[b.Key] = held{stamps[b.Key], source}
		}
	}
	return len(unread) > 0, nil
}

// source reads a profile, nil where there is none in it that could have an effect.
func (p *Profiles) source(r *fhir.Resource) (*profile.Source, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, fmt.Errorf("the stored %s is no JSON: %w", r.Key, err)
	}
	defer doc.Release()
	source, _ := profile.ReadSource(doc.Root(), r.ID)
	if source == nil || p.known.Defines(source.URL()) {
		return nil, nil
	}
	return source, nil
}
