// Package subscription tells others what has changed: R4's Subscriptions, with
// criteria that are searches, delivered by REST hook.
//
// A change is matched in memory, on the index rows the write has anyway, in its
// own transaction (match.go). What matches is recorded there as a fhir.Event, so
// that it is told if and only if it was committed. Behind the answers the Hub
// delivers the events of each Subscription one after the other, in the order of
// the commits (work.go, deliver.go). An endpoint that fails is tried again, ever
// more rarely, while its events wait; after the horizon the Subscription is
// turned off, its events are kept, and a Task tells a person, who may have them
// delivered by Subscription/{id}/$replay. An endpoint that is slow or dead delays
// nobody else's.
//
// What must not be read back, the values of channel.header and the key that
// notifications are signed with, is kept apart from the resource (keep.go).
//
// The door is New; the Hub it gives is a Module, and Work delivers.
//
// Source: R4 subscription; openmrs and dhis2-fhir-adapter for the shapes of the
// notifications that subscribers expect.
package subscription
