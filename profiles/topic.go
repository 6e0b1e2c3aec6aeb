package profiles

// CodeSubscriptionTopic is the code of a Basic that is a topic of subscriptions, and
// TopicElement what the URLs of its elements begin with, TopicElementR4B what they
// begin with in the R5 backport's own example; see docs/subscribe.md.
const (
	CodeSubscriptionTopic = "SubscriptionTopic"
	TopicElement          = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic."
	TopicElementR4B       = "http://hl7.org/fhir/4.3/StructureDefinition/extension-SubscriptionTopic."
)
