package index

// Inserts gives SQLite's statements that insert rows of every table.
func Inserts() []string {
	var all []string
	for _, t := range []struct{ liteInsert [4]string }{
		{tokenTable.liteInsert},
		{stringTable.liteInsert},
		{dateTable.liteInsert},
		{numberTable.liteInsert},
		{quantityTable.liteInsert},
		{referenceTable.liteInsert},
		{uriTable.liteInsert},
		{compositeTable.liteInsert},
		{positionTable.liteInsert},
		{uniqueTable.liteInsert},
	} {
		all = append(all, t.liteInsert[:]...)
	}
	return all
}
