// Package words knows texts by their words: how they fold for comparison, what a
// resource has for people to read, and the language of _text and _content.
//
// Its doors: Normal, Narrative, Content, Parse and Has. How a database finds
// words is the database's business; Has is for a text in memory.
//
// Source: R4 search#string and search#text.
package words
