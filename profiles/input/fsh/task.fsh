// Task: what waits for a person.

Extension: Redecision
Id: redecision
Title: "Decision anew"
Description: "What was granted for the claim and is granted now, since cover changed: what lies between is to be recovered."
Context: Task.input
* extension contains before 1..1 and now 1..1
* extension[before].value[x] 1..1
* extension[before].value[x] only Money
* extension[now].value[x] 1..1
* extension[now].value[x] only Money

CodeSystem: TaskCodes
Id: task
Title: "Tasks"
Description: "What a Task asks a person to do."
* insert Codes
* #medical-review "Medical review" "Decide the lines of a claim."
* #second-opinion "Second opinion" "Agree with a review of a claim, or do not: never the person who reviewed it."
* #review-overdue "Review overdue" "A review of a claim has passed its day: see to it, as a supervisor."
* #approval "Approval" "The second pair of eyes: approve or refuse what another did."
* #delivery-failed "Delivery failed" "A message to another system could not be delivered."
* #decision-failed "Decision failed" "A claim could not be decided and is tried again."
* #renewal "Renewal" "A policy ends soon: renew it, or learn that it will not be."
* #unmatched-payment "Unmatched payment" "Money came in that belongs to nobody known: find out whose it is and allocate it."
* #reprocess "Reprocess" "Decide a claim anew, as somebody asked."
* #appeal "Appeal" "Look at a decision again, which somebody appealed against."
* #redecision "Re-decision" "Cover changed for days that are over: recover what was granted for the claims of these days and is not any more."

CodeSystem: ReviewSelection
Id: review-selection
Title: "Reasons for review"
Description: "Why a claim was picked for review. A plan's review conditions add their own names."
* insert Codes
* ^content = #fragment
* #large-claim "Large claim" "The claim's total is above the plan's threshold."
* #random "Random" "Drawn by lot."
* #diagnosis-variance "Diagnosis variance" "Far above what the diagnosis costs on average."
* #new-facility "New facility" "The facility's contract is young, or it has made few claims."
* #high-risk-service "High-risk service" "A service of high risk is claimed."
* #feedback "Feedback" "Patients spoke against the facility."
* #signals "Signals" "The signals of fraud and error come to more than the plan's limit."
* #learned-score "Learned score" "The learned score is above the plan's limit."
* #expression "Expression" "A condition of the plan without a name holds."
* #manual "Manual" "Picked by a person."
