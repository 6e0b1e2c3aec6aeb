// OpenMRS: how a hospital's OpenMRS is told of cover and of decisions;
// docs/connect-openmrs.md.

Extension: OpenMRSSettings
Id: openmrs
Title: "Settings of an OpenMRS"
Description: "How the OpenMRS at this Endpoint is told of cover and of decisions. Endpoint.address is the base of its module fhir2. Secrets are not among them: they are in Subscription.channel.header."
Context: Endpoint
* extension contains
    show 0..4 and
    status-attribute 0..1 and
    number-attribute 0..1 and
    expiry-attribute 0..1 and
    product-attribute 0..1 and
    identifier-system 0..* and
    national-id-system 0..* and
    number-type 0..1 and
    number-location 0..1 and
    task-code 0..1 and
    task-owner 0..1 and
    token-url 0..1 and
    client-id 0..1 and
    scope 0..1
* extension[show] ^short = "What is shown of cover: all four where none is named"
* extension[show].value[x] 1..1
* extension[show].value[x] only code
* extension[show].value[x] from OpenMRSShown (required)
* extension[status-attribute] ^short = "Person attribute type of the state of cover; Insurance status"
* extension[status-attribute].value[x] 1..1
* extension[status-attribute].value[x] only string
* extension[number-attribute] ^short = "Person attribute type of the insurance number; Insurance policy number"
* extension[number-attribute].value[x] 1..1
* extension[number-attribute].value[x] only string
* extension[expiry-attribute] ^short = "Person attribute type of the last day of cover; Insurance expiry date"
* extension[expiry-attribute].value[x] 1..1
* extension[expiry-attribute].value[x] only string
* extension[product-attribute] ^short = "Person attribute type of the plan's name; Insurance product"
* extension[product-attribute].value[x] 1..1
* extension[product-attribute].value[x] only string
* extension[identifier-system] ^short = "System that OpenMRS gives insurance numbers; without one it is asked for the bare number"
* extension[identifier-system].value[x] 1..1
* extension[identifier-system].value[x] only uri
* extension[national-id-system] ^short = "System that OpenMRS gives national ids, by which it is asked for whom it does not know by insurance number"
* extension[national-id-system].value[x] 1..1
* extension[national-id-system].value[x] only uri
* extension[number-type] ^short = "Name of the identifier type under which the insurance number is written where it is missing; without it, it is not written"
* extension[number-type].value[x] 1..1
* extension[number-type].value[x] only string
* extension[number-location] ^short = "UUID of the OpenMRS location of that identifier, where its type asks for one"
* extension[number-location].value[x] 1..1
* extension[number-location].value[x] only string
* extension[task-code] ^short = "Task.code of decisions: a code mapped to an OpenMRS concept"
* extension[task-code].value[x] 1..1
* extension[task-code].value[x] only Coding
* extension[task-owner] ^short = "Task.owner of decisions, in OpenMRS: Practitioner/[uuid]"
* extension[task-owner].value[x] 1..1
* extension[task-owner].value[x] only string
* extension[token-url] ^short = "OAuth2 token endpoint, for client credentials"
* extension[token-url].value[x] 1..1
* extension[token-url].value[x] only url
* extension[client-id] ^short = "OAuth2 client id"
* extension[client-id].value[x] 1..1
* extension[client-id].value[x] only string
* extension[scope] ^short = "OAuth2 scopes, parted by spaces"
* extension[scope].value[x] 1..1
* extension[scope].value[x] only string

CodeSystem: OpenMRSShown
Id: openmrs-shown
Title: "What OpenMRS shows of cover"
Description: "The person attributes by which an OpenMRS shows a person's cover."
* insert Codes
* #status "Status" "active, pending, suspended, expired, cancelled or none."
* #number "Number" "The insurance number."
* #expiry "Expiry" "The last day of cover."
* #product "Product" "The name of the plan."

ValueSet: OpenMRSShown
Id: openmrs-shown
Title: "What OpenMRS shows of cover"
Description: "All that OpenMRS shows of cover."
* insert Values
* include codes from system OpenMRSShown

CodeSystem: OpenMRSCodes
Id: openmrs
Title: "Work on links with OpenMRS"
Description: "What a Task asks our staff to put right between us and an OpenMRS, and what a Basic remembers of it."
* insert Codes
* #unknown-person "Unknown person" "OpenMRS knows nobody by the person's number: enter it there, or correct it."
* #ambiguous-person "Ambiguous person" "OpenMRS knows several by the person's number: merge them there, or correct it."
* #lost-value "Value not kept" "OpenMRS does not keep a value: the person attribute type or the identifier type is missing there, or has another name."
* #refused "Refused" "OpenMRS does not take what it is told: see why."
* #decision "Decision" "Which Task in OpenMRS tells of a decision."
