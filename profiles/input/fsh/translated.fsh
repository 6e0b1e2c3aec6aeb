// What a façade for clients of another server made of what they sent.

Extension: Translated
Id: translated
Title: "Translated"
Description: "The resource was translated from another system's tongue. Each element that the client did not send and the façade filled in is named, with what it was filled in with."
Context: Claim, CoverageEligibilityRequest
* extension contains
    tongue 1..1 and
    said 0..1 and
    filled 0..*
* extension[tongue] ^short = "The tongue it was sent in: stu3"
* extension[tongue].value[x] 1..1
* extension[tongue].value[x] only code
* extension[said] ^short = "A digest of what was sent, by which the same is known when it is sent once more"
* extension[said].value[x] 1..1
* extension[said].value[x] only string
* extension[filled] ^short = "An element that was filled in: Claim.use = claim"
* extension[filled].value[x] 1..1
* extension[filled].value[x] only string
