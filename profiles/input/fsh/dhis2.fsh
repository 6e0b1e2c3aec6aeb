// DHIS2: how a DHIS2 is told of indicators; docs/connect-dhis2.md.

Extension: DHIS2Settings
Id: dhis2
Title: "Settings of a DHIS2"
Description: "How the DHIS2 at this Endpoint is told of indicators. Endpoint.address is the address of its web page. Secrets are not among them: they are in Subscription.channel.header."
Context: Endpoint
* extension contains
    prefix 0..1 and
    data-set 0..* and
    org-unit-system 0..1 and
    org-unit-map 0..1 and
    org-unit-scheme 0..1 and
    attribute-option-combo 0..1 and
    complete 0..1 and
    async 0..1
* extension[prefix] ^short = "What all codes of the package begin with there, such as NHIF_"
* extension[prefix].value[x] 1..1
* extension[prefix].value[x] only string
* extension[data-set] ^short = "A data set that has a code of its own there; others have ours, with the prefix"
* extension[data-set].extension contains ours 1..1 and theirs 1..1
* extension[data-set].extension[ours] ^short = "Our code, such as HF_CLAIM"
* extension[data-set].extension[ours].value[x] 1..1
* extension[data-set].extension[ours].value[x] only code
* extension[data-set].extension[theirs] ^short = "Its code there"
* extension[data-set].extension[theirs].value[x] 1..1
* extension[data-set].extension[theirs].value[x] only string
* extension[org-unit-system] ^short = "System of the identifier of Locations and Organizations that is their code there; without it, it is our code"
* extension[org-unit-system].value[x] 1..1
* extension[org-unit-system].value[x] only uri
* extension[org-unit-map] ^short = "ConceptMap from our codes of places and facilities to those there; it goes before org-unit-system"
* extension[org-unit-map].value[x] 1..1
* extension[org-unit-map].value[x] only Reference(ConceptMap)
* extension[org-unit-scheme] ^short = "Whether these are codes or UIDs of organisation units; codes"
* extension[org-unit-scheme].value[x] 1..1
* extension[org-unit-scheme].value[x] only code
* extension[org-unit-scheme].value[x] from DHIS2IdScheme (required)
* extension[attribute-option-combo] ^short = "Code of the attribute option combo of all numbers; default"
* extension[attribute-option-combo].value[x] 1..1
* extension[attribute-option-combo].value[x] only string
* extension[complete] ^short = "Whether a data set is told to be complete for a place and a month when its numbers are final"
* extension[complete].value[x] 1..1
* extension[complete].value[x] only boolean
* extension[async] ^short = "Whether DHIS2 takes numbers as a job that is asked about: for one that takes long"
* extension[async].value[x] 1..1
* extension[async].value[x] only boolean

Extension: IndicatorFinal
Id: indicator-final
Title: "Since when numbers are final"
Description: "The day since which the numbers of the report do not change any more by themselves: its month lies before those that are counted anew."
Context: MeasureReport
* value[x] 1..1
* value[x] only date

CodeSystem: DHIS2IdSchemes
Id: dhis2-id-scheme
Title: "Schemes of identifiers of DHIS2"
Description: "By what organisation units are named."
* insert Codes
* #code "Code" "By their code."
* #uid "UID" "By their UID."

ValueSet: DHIS2IdScheme
Id: dhis2-id-scheme
Title: "Schemes of identifiers of DHIS2"
Description: "By what organisation units are named."
* include codes from system DHIS2IdSchemes

CodeSystem: DHIS2Codes
Id: dhis2
Title: "What is to be put right with a DHIS2"
Description: "What a Task about a DHIS2 asks for."
* insert Codes
* #values-refused "Values refused" "DHIS2 did not take some numbers of a report; the Task holds which and why."
* #places-unknown "Places unknown" "Places and facilities that numbers are reported of are not known to DHIS2."
