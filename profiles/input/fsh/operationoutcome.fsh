// OperationOutcome: refusals a program can tell apart.

CodeSystem: IssueDetail
Id: issue-detail
Title: "Details of issues"
Description: "The rule behind an issue, finer than OperationOutcome.issue.code. The keys of R4's invariants stand beside these."
* insert Codes
* #version-conflict "Version conflict" "If-Match names another version than the current one."
* #precondition-failed "Precondition failed" "If-None-Match holds not, or criteria that must match one resource match several."
* #unsupported-media-type "Unsupported media type" "The body is in a format the server does not read."
* #not-acceptable "Not acceptable" "The server has no format the client accepts."
* #method-not-allowed "Method not allowed" "The address exists, but not for this method."
* #business-identifier "Business identifier" "The identifier belongs to another resource."
* #unknown-resource-type "Unknown resource type" "R4 has no resource type of this name."
* #unknown-operation "Unknown operation" "The server has no operation of this name here."
* #insurance-number "Insurance number" "The check digit of an insurance number is wrong."
* #family "Family" "A family is not as the scheme wants one: its head, its members, or a member of two families."
* #place "Place" "A place is not where it can be, or an address is not in a village."
* #photo "Photo" "A photo is too large, or of a kind that is not taken."
* #enrolment "Enrolment" "Persons or families can't be enrolled as they were sent."
* #merge "Merge" "Two records can't be merged."
* #policy "Policy" "A policy and its memberships contradict each other."
* #product "Product" "A product can't be decided by."
* #worker "Worker" "The role of a person in the scheme is not as it can be."
* #tariff "Tariff" "A tariff's prices contradict each other."
* #invoice "Invoice" "An invoice does not add up."
* #payment "Payment" "A payment does not fit what it pays."
* #receipt "Receipt" "A receipt number is not one that may be used here."
* #cash "Cash" "An officer's cash or deposit is not as the scheme wants it."
