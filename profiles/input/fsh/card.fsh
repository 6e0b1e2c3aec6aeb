// Membership cards.

Instance: card
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/card"
* version = "1.0.0"
* name = "Card"
* title = "Give membership cards"
* status = #active
* kind = #operation
* affectsState = true
* code = #card
* description = "Gives the membership card of a person, or those of the members of a family or of the people of a village: as PDF, PNG or SVG, or as the DocumentReference that records its issue. A card is issued where the person has none that still says what is so; else the same card is given again. GET is possible, but for renew."
* resource[0] = #Patient
* resource[+] = #Group
* resource[+] = #Location
* system = false
* type = false
* instance = true
* parameter[0].name = #format
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #code
* parameter[=].documentation = "pdf, png, svg or fhir; without it what the Accept header likes best, else pdf. Cards of several persons come as pdf or fhir."
* parameter[+].name = #layout
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #code
* parameter[=].documentation = "Of pdf: card, one a page of its size (ID-1), for card printers; a4, ten a page with marks to cut along. Without it card for a person, a4 for several."
* parameter[+].name = #renew
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #boolean
* parameter[=].documentation = "Whether a new card is issued though the old one is good; the old one is revoked."
* parameter[+].name = #_count
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #positiveInt
* parameter[=].documentation = "How many cards of several persons are given at once, up to 500; 200 without it."
* parameter[+].name = #page
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #positiveInt
* parameter[=].documentation = "Which of the pages of so many cards is given, from 1; persons are in the order of their ids, members in that of their family."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #Resource
* parameter[=].documentation = "The document or picture; as fhir the DocumentReference, of several persons a Bundle of them with an OperationOutcome that tells who has none and why."

Instance: card-revoke
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/card-revoke"
* version = "1.0.0"
* name = "RevokeCard"
* title = "Take a card out of use"
* status = #active
* kind = #operation
* affectsState = true
* code = #card-revoke
* description = "Revokes a card that was lost or stolen: its record becomes superseded, and it is on the list at /.well-known/card-revocations.json until its time is over. The person is given a new one with $card."
* resource = #Patient
* system = false
* type = false
* instance = true
* parameter[0].name = #card
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #string
* parameter[=].documentation = "The id of the card; without it the one in use."
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #string
* parameter[=].documentation = "Why, such as lost; it is kept in the record."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #DocumentReference
* parameter[=].documentation = "The record of the card."
