// Package route reads the plain part of FHIRPath: paths through elements with a
// few conditions, which is what almost every search expression is. Read this way,
// one walk over a resource serves all search parameters of its type.
//
// Its door: Parse. What is more than routes is left to package path.
package route
