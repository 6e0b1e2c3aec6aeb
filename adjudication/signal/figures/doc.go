// Package figures counts claims by facility, practitioner and service, so that
// one can be compared with its peers without reading history.
//
// What a claim counts for are ledger entries that follow from the Claim alone.
// They are summed by month into one source for each facility, practitioner and
// service; a version that replaces another adds its own and takes away those of
// the one before, so that the sums are always what counting all claims anew would
// give. From the sums follow, once a day, the usual figures of each facility, of
// each level of facilities, and of each service: medians, and how far from it
// half of them are (the median absolute deviation), which a few large values do
// not move.
package figures
