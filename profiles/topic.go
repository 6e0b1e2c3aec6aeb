package profiles

// CodeSubscriptionTopic is the code of a Basic that is a topic of subscriptions, and
// TopicElement what the URLs of its elements begin with; see docs/subscribe.md.
const (
	CodeSubscriptionTopic = "SubscriptionTopic"
	TopicElement          = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic."
)
