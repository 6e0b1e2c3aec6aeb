package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// interruptPause is how long after an interrupt the next follows: SQLite forgets
// one that comes just before a statement begins.
const interruptPause = 20 * time.Millisecond

// liteHandle gives SQLite's handle of a connection. The driver interrupts a
// statement on its way to the first row only, and keeps the handle that others
// need to interrupt it on its way to the next.
func liteHandle(c driver.Conn) (uintptr, error) {
	if v := reflect.Indirect(reflect.ValueOf(c)); v.Kind() == reflect.Struct {
		if f := v.FieldByName("db"); f.Kind() == reflect.Uintptr && f.Uint() != 0 {
			return uintptr(f.Uint()), nil
		}
	}
	return 0, fmt.Errorf("the SQLite driver's %T has no handle", c)
}

// until interrupts what runs on the connection from the moment that the context
// ends, until over is called. After that nothing is interrupted any more.
func (c *liteConn) until(ctx context.Context) (over func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(ended)
		for {
			// It is one atomic store, which needs none of the driver's threads.
			sqlite3.Xsqlite3_interrupt(nil, c.handle)
			select {
			case <-quit:
				return
			case <-time.After(interruptPause):
			}
		}
	})
	return func() {
		if !forget() {
			close(quit)
			<-ended
		}
	}
}
