package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"bima/fhir/subscription"
	"bima/fhir/subscription/mail"
	"bima/resources/measure"
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

// measureFlags are what a scheme may choose of its indicators.
type measureFlags struct {
	Currency       string `help:"The scheme's currency, such as TZS: that of the amounts of indicators, and of claims in tongues that name none; by default that of its first product, and of the tariffs." env:"BIMA_CURRENCY" placeholder:"CODE"`
	MeasureMonths  int    `help:"How many months before the current one are counted anew when something changes that bears on them; -1 is none." default:"3" env:"BIMA_MEASURE_MONTHS"`
	MeasureSmall   int    `help:"Hide numbers of indicators that fewer than so many persons or events stand behind; 0 hides none." default:"0" env:"BIMA_MEASURE_SMALL"`
	MeasureAge     []int  `help:"The years at which the bands of age begin, after 0; 6, 13, 19, 26, 36, 56 and 76 by default. Repeat it for each." env:"BIMA_MEASURE_AGES" placeholder:"YEARS"`
	MeasureLevel   string `help:"The level of places that membership is counted by, in openIMIS's location-type." default:"W" env:"BIMA_MEASURE_LEVEL"`
	MeasureRenewal int    `help:"Within how many days after its end cover must go on for a person not to have left." default:"30" env:"BIMA_MEASURE_RENEWAL"`
}

// Validate refuses bands of age that can't be. It is kong's.
func (f measureFlags) Validate() error {
	if err := f.measures().Check(); err != nil {
		return fmt.Errorf("--measure-age: %w", err)
	}
	return nil
}

// measures gives what the scheme has chosen.
func (f measureFlags) measures() measure.Settings {
	return measure.Settings{
		Months: f.MeasureMonths, SmallCells: f.MeasureSmall, Ages: f.MeasureAge, Level: f.MeasureLevel, GraceDays: f.MeasureRenewal, Currency: f.Currency,
	}
}
