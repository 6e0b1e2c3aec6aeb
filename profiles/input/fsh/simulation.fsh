// Simulation: claims decided once more under other rules, with nothing written.

CodeSystem: SimulationCodes
Id: simulation
Title: "Simulation"
Description: "The figures of a simulation: how many claims, and what they cost before and after."
* insert Codes
* #claims "Claims" "How many claims there are, and what became of them."
* #selected "Selected" "Claims that were made in the period."
* #decided "Decided" "Claims that were decided once more."
* #changed "Changed" "Of these, claims that would be decided otherwise."
* #waiting "Waiting" "Claims that are not decided yet, or withdrawn; they are left out."
* #others "Others" "Claims that no policy of the product may cover; they are left out."
* #failed "Failed" "Claims that can't be decided under the changed rules; they are left out."
* #benefit-before "Benefit before" "What the scheme pays for the claims as they were decided."
* #benefit-after "Benefit after" "What the scheme would pay."
* #benefit-change "Change of the benefit" "What it would pay more; below 0, less."
* #member-before "Members before" "What members owe for the claims as they were decided."
* #member-after "Members after" "What members would owe."
* #member-change "Change for members" "What they would owe more; below 0, less."
* #category "Category" "The category of the service, as its tariff says."
* #level "Level" "The level of the facility."
* #none "None" "What has no category, or no level."

// A parameter that has parts, and a part.
RuleSet: Parts(name, use, min, max)
* parameter[+].name = #{name}
* parameter[=].use = #{use}
* parameter[=].min = {min}
* parameter[=].max = "{max}"

RuleSet: Part(name, use, min, max, type)
* parameter[=].part[+].name = #{name}
* parameter[=].part[=].use = #{use}
* parameter[=].part[=].min = {min}
* parameter[=].part[=].max = "{max}"
* parameter[=].part[=].type = #{type}

RuleSet: FourFigures(after)
* insert Part(benefitBefore, out, 1, 1, Money)
* insert Part(memberBefore, out, 1, 1, Money)
* insert Part(benefitAfter, out, {after}, 1, Money)
* insert Part(memberAfter, out, {after}, 1, Money)

Instance: simulation
InstanceOf: Measure
Usage: #definition
* url = "https://bima.example/fhir/Measure/simulation"
* version = "1.0.0"
* name = "Simulation"
* title = "Simulation of changed rules"
* status = #active
* description = "What a period's claims would have cost under a changed product or changed prices, and how many of them would have been decided otherwise."

Instance: InsurancePlan-simulate
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/InsurancePlan-simulate"
* version = "1.0.0"
* name = "SimulatePlan"
* title = "Simulate a changed product"
* status = #active
* kind = #operation
* affectsState = false
* code = #simulate
* resource = #InsurancePlan
* system = false
* type = true
* instance = true
* description = "Decides the claims of a period once more, for policies that bought any version of the product, under a changed product or changed prices. Nothing is written. Without either it checks that deciding again changes nothing. It may be done later (Prefer: respond-async)."
* insert First(plan, in, 0, 1, InsurancePlan)
* parameter[=].documentation = "The changed product. Its id or its product identifier says which one it is, unless the operation is asked of one."
* insert Then(version, in, 0, 1, Reference)
* parameter[=].documentation = "Instead, a version that is stored: InsurancePlan/[id] or InsurancePlan/[id]/_history/[n]."
* insert Then(tariff, in, 0, *, ChargeItemDefinition)
* parameter[=].documentation = "A changed price. It takes the place of the tariff of its id, and comes before others of its service."
* insert Then(period, in, 0, 1, Period)
* parameter[=].documentation = "The days on which the claims were made (Claim.created); an end that is missing is open."
* insert Then(limit, in, 0, 1, integer)
* parameter[=].documentation = "How many claims are decided at most: the first of the product, in the order they were decided."
* insert Then(listed, in, 0, 1, integer)
* parameter[=].documentation = "How many changed claims are listed at most; 1000 where it is not given."
* insert Then(selected, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims that were made in the period."
* insert Then(decided, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims that were decided once more."
* insert Then(changed, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims that would be decided otherwise."
* insert Then(waiting, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims left out since they are not decided yet, or withdrawn."
* insert Then(others, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims left out since no policy of the product may cover them."
* insert Then(failed, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Claims left out since they can't be decided under the changed rules."
* insert Then(cut, out, 1, 1, boolean)
* parameter[=].documentation = "Whether the limit left claims out."
* insert Then(unlisted, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Changed claims beyond those listed."
* insert Parts(total, out, 0, *)
* parameter[=].documentation = "For each currency, what the scheme pays and what members owe, before and after."
* insert FourFigures(1)
* insert Then(report, out, 1, 1, MeasureReport)
* parameter[=].documentation = "The figures by category of services and by level of facilities."
* insert Then(table, out, 1, 1, base64Binary)
* parameter[=].documentation = "The listed claims as a CSV table."
* insert Parts(change, out, 0, *)
* parameter[=].documentation = "A claim that would be decided otherwise; once for each currency of its lines."
* insert Part(claim, out, 1, 1, Reference)
* insert FourFigures(1)
* insert Part(line, out, 0, 1, unsignedInt)
* parameter[=].part[=].documentation = "The sequence of the first line that differs."
* insert Part(reason, out, 0, 1, code)
* parameter[=].part[=].documentation = "The first reason that differs, a code of adjustment-reason: of a line that is paid less why it now is, of one that is paid more why it was not."
* insert Part(text, out, 0, 1, string)
* insert Parts(failure, out, 0, *)
* parameter[=].documentation = "A claim that can't be decided under the changed rules, and why."
* insert Part(claim, out, 1, 1, Reference)
* insert FourFigures(0)
* insert Part(text, out, 1, 1, string)
