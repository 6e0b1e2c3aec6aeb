package profiles

// The extensions, codes and operations of subscriptions; see docs/subscribe.md.
const (
	ExtensionSubscriptionStyle   = Canonical + "/StructureDefinition/subscription-style"   // Subscription.channel: code, post or put
	ExtensionSubscriptionLeaves  = Canonical + "/StructureDefinition/subscription-leaves"  // Subscription.channel: boolean
	ExtensionSubscriptionSigning = Canonical + "/StructureDefinition/subscription-signing" // Subscription.channel: string, the key notifications are signed with
	ExtensionSubscriptionParked  = Canonical + "/StructureDefinition/subscription-parked"  // Subscription: instant, since when the server has given up

	SystemSubscription = Canonical + "/CodeSystem/subscription" // kinds of AuditEvents of subscriptions
)
