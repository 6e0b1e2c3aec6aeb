package query

// Heads writes a search for the newest resources by their keys and version ids
// alone: their bodies are not read.
func (p *Planner) Heads(q *Search) error {
	p.Add("SELECT r.typ, r.fid, r.vid FROM (")
	if err := p.NewestFirst(q); err != nil {
		return err
	}
	p.Add(") x ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = x.rid ORDER BY r.rid DESC")
	return nil
}
