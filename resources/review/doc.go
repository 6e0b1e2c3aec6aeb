// Package review is the medical reviewer's day: the queue of claims that wait for a
// person, taking one and giving it back, deciding it line by line, asking the
// facility, the second opinion, letting a claim go without, and what is overdue.
//
// Its door is Module. Which claims are picked is adjudication/selection's; that a
// claim waits, and is decided by the words of the completed Task, is the module of
// claims'. The two meet in the Task.
package review
