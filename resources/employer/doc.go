// Package employer is the formal sector: employers (Organization) with those who
// work for them (Group), the contract between employer and scheme (Contract), what
// is declared each month, what is due for it (Invoice), and the cover of employees
// that follows from its payment (Coverage).
//
// A contract has a term for each plan its employees may be in. A plan is an
// InsurancePlan.plan with the number of the term: per cent of income between a
// floor and a ceiling, or fixed amounts, of the employee and of the employer. What
// was declared of a month is what its Invoices ask for, line by line: the first
// and those that correct it.
//
// Its door is Module. The Contract is told from policies by its type, contract-kind
// employer.
package employer
