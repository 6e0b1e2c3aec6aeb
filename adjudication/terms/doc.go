// Package terms compiles what the scheme has written down once for all claims: a
// product (InsurancePlan) into an adjudication.Plan, and a tariff
// (ChargeItemDefinition) into an adjudication.Tariff. It is pure: the same resource
// gives the same terms, and what contradicts itself is refused where it says so.
package terms
