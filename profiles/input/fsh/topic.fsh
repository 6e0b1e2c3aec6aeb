// Topics of subscriptions: R5's SubscriptionTopic, as a Basic with the elements by
// the URLs that HL7 gives them; docs/subscribe.md.

RuleSet: ComplexOfR5(element)
* ^url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-{element}"
* ^version = "5.0.0"
* ^publisher = "HL7"
* url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-{element}" (exactly)
* value[x] 0..0

Extension: TopicUrl
Id: extension-SubscriptionTopic.url
Title: "URL of a topic"
Description: "What Subscriptions name in their criteria: R5's SubscriptionTopic.url."
Context: Basic
* insert OfR5(SubscriptionTopic.url)
* value[x] only uri

Extension: TopicTitle
Id: extension-SubscriptionTopic.title
Title: "Title of a topic"
Description: "What people call it: R5's SubscriptionTopic.title."
Context: Basic
* insert OfR5(SubscriptionTopic.title)
* value[x] only string

Extension: TopicDescription
Id: extension-SubscriptionTopic.description
Title: "Description of a topic"
Description: "What it is for: R5's SubscriptionTopic.description."
Context: Basic
* insert OfR5(SubscriptionTopic.description)
* value[x] only markdown

Extension: TopicStatus
Id: extension-SubscriptionTopic.status
Title: "Status of a topic"
Description: "Whether it may be subscribed to: R5's SubscriptionTopic.status."
Context: Basic
* insert OfR5(SubscriptionTopic.status)
* value[x] only code

Extension: TopicResourceTrigger
Id: extension-SubscriptionTopic.resourceTrigger
Title: "What a topic tells of"
Description: "Which changes of which resources: R5's SubscriptionTopic.resourceTrigger."
Context: Basic
* insert ComplexOfR5(SubscriptionTopic.resourceTrigger)
* extension contains description 0..1 and resource 1..1 and supportedInteraction 0..* and queryCriteria 0..1 and fhirPathCriteria 0..1
* extension[description].value[x] only markdown
* extension[resource].value[x] only uri
* extension[supportedInteraction].value[x] only code
* extension[queryCriteria].extension contains previous 0..1 and resultForCreate 0..1 and current 0..1 and resultForDelete 0..1 and requireBoth 0..1
* extension[queryCriteria].extension[previous].value[x] only string
* extension[queryCriteria].extension[resultForCreate].value[x] only code
* extension[queryCriteria].extension[current].value[x] only string
* extension[queryCriteria].extension[resultForDelete].value[x] only code
* extension[queryCriteria].extension[requireBoth].value[x] only boolean
* extension[fhirPathCriteria].value[x] only string

Extension: TopicCanFilterBy
Id: extension-SubscriptionTopic.canFilterBy
Title: "What subscriptions to a topic may filter by"
Description: "A search parameter of a resource: R5's SubscriptionTopic.canFilterBy."
Context: Basic
* insert ComplexOfR5(SubscriptionTopic.canFilterBy)
* extension contains description 0..1 and resource 0..1 and filterParameter 1..1 and filterDefinition 0..1 and comparator 0..* and modifier 0..*
* extension[description].value[x] only markdown
* extension[resource].value[x] only uri
* extension[filterParameter].value[x] only string
* extension[filterDefinition].value[x] only uri
* extension[comparator].value[x] only code
* extension[modifier].value[x] only code

Extension: TopicNotificationShape
Id: extension-SubscriptionTopic.notificationShape
Title: "What notifications of a topic hold"
Description: "Resources that are told beside the one that changed: R5's SubscriptionTopic.notificationShape."
Context: Basic
* insert ComplexOfR5(SubscriptionTopic.notificationShape)
* extension contains resource 1..1 and include 0..* and revInclude 0..*
* extension[resource].value[x] only uri
* extension[include].value[x] only string
* extension[revInclude].value[x] only string
