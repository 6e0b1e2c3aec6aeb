package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"bima/fhir/subscription"
	"bima/fhir/subscription/mail"
)

// subscriptionFlags are what an operator may choose of those that the server tells
// of changes.
type subscriptionFlags struct {
	SubscriptionAllow   []string      `help:"An endpoint that Subscriptions may name, such as hooks.example.org, *.example.org or hooks.example.org:8443; none allows any on the public internet. May be repeated." env:"BIMA_SUBSCRIPTION_ALLOW" placeholder:"NAME"`
	SubscriptionPrivate bool          `help:"Let Subscriptions name endpoints on this machine and on private networks. On by itself where the server is open to this machine only." env:"BIMA_SUBSCRIPTION_PRIVATE"`
	SubscriptionHorizon time.Duration `help:"How long an endpoint may fail before its Subscription is turned off; what it is to be told is kept." default:"168h" env:"BIMA_SUBSCRIPTION_HORIZON"`
	SubscriptionTimeout time.Duration `help:"How long an endpoint may take to answer." default:"30s" env:"BIMA_SUBSCRIPTION_TIMEOUT"`

	MailHost         string   `help:"The SMTP server that takes e-mails for subscribers, such as smtp.example.org:587; without it none are sent." env:"BIMA_MAIL_HOST" placeholder:"HOST:PORT"`
	MailFrom         string   `help:"The address that e-mails come from." env:"BIMA_MAIL_FROM" placeholder:"ADDRESS"`
	MailUser         string   `help:"The user to log in with at the SMTP server." env:"BIMA_MAIL_USER"`
	MailPasswordFile string   `help:"The file with the password of that user, unless BIMA_MAIL_PASSWORD holds it." env:"BIMA_MAIL_PASSWORD_FILE" placeholder:"FILE"`
	MailTLS          string   `name:"mail-tls" help:"How the way to the SMTP server is encrypted: starttls, tls (from the first byte), or none for a server on this machine." enum:"starttls,tls,none" default:"starttls" env:"BIMA_MAIL_TLS"`
	MailAllow        []string `help:"A domain that e-mails may go to, such as example.org or *.example.org; none allows all. May be repeated." env:"BIMA_MAIL_ALLOW" placeholder:"DOMAIN"`
}

// subscriptions gives what the operator has chosen.
func (f subscriptionFlags) subscriptions() (subscription.Settings, error) {
	relay, err := f.relay()
	return subscription.Settings{
		Allow: f.SubscriptionAllow, Private: f.SubscriptionPrivate, Horizon: f.SubscriptionHorizon, Timeout: f.SubscriptionTimeout, Mail: relay,
	}, err
}

// relay gives the server that takes e-mails.
func (f subscriptionFlags) relay() (mail.Relay, error) {
	relay := mail.Relay{Host: f.MailHost, From: f.MailFrom, User: f.MailUser, TLS: mail.Security(f.MailTLS), Domains: f.MailAllow, Password: os.Getenv("BIMA_MAIL_PASSWORD")}
	if f.MailHost == "" {
		return relay, nil
	}
	if _, _, err := net.SplitHostPort(f.MailHost); err != nil {
		return relay, fmt.Errorf("--mail-host is a host and a port, such as smtp.example.org:587: %w", err)
	}
	if _, err := mail.ParseAddress(f.MailFrom); err != nil {
		return relay, fmt.Errorf("--mail-from: %w", err)
	}
	if f.MailPasswordFile != "" && relay.Password == "" {
		text, err := os.ReadFile(f.MailPasswordFile)
		if err != nil {
			return relay, err
		}
		relay.Password = strings.TrimSpace(string(text))
	}
	return relay, nil
}
