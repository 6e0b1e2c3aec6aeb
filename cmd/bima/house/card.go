package house

import (
	"bima/resources/card"
	"bima/resources/card/keys"
	"bima/storage"
)

// desk gives what issues cards and tells which are good. A server without
// accounts, which is for trying out, makes itself a key with the first card.
func desk(store *storage.Store, p Plan, secured bool) *card.Desk {
	return card.New(card.Options{
		Base: p.Base, Zone: p.Zone, Keys: keys.Ring{Notes: store}, MakeKey: !secured, Settings: p.Cards, Now: p.Now,
	})
}
