package main

import (
	"time"

	"bima/fhir/subscription"
)

// subscriptionFlags are what an operator may choose of those that the server tells
// of changes.
type subscriptionFlags struct {
	SubscriptionAllow   []string      `help:"An endpoint that Subscriptions may name, such as hooks.example.org, *.example.org or hooks.example.org:8443; none allows any on the public internet. May be repeated." env:"BIMA_SUBSCRIPTION_ALLOW" placeholder:"NAME"`
	SubscriptionPrivate bool          `help:"Let Subscriptions name endpoints on this machine and on private networks. On by itself where the server is open to this machine only." env:"BIMA_SUBSCRIPTION_PRIVATE"`
	SubscriptionHorizon time.Duration `help:"How long an endpoint may fail before its Subscription is turned off; what it is to be told is kept." default:"168h" env:"BIMA_SUBSCRIPTION_HORIZON"`
	SubscriptionTimeout time.Duration `help:"How long an endpoint may take to answer." default:"30s" env:"BIMA_SUBSCRIPTION_TIMEOUT"`
}

// subscriptions gives what the operator has chosen.
func (f subscriptionFlags) subscriptions() subscription.Settings {
	return subscription.Settings{
		Allow: f.SubscriptionAllow, Private: f.SubscriptionPrivate, Horizon: f.SubscriptionHorizon, Timeout: f.SubscriptionTimeout,
	}
}
