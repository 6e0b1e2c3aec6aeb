package adjudication

import (
	"bima/adjudication/selection"
	"bima/fhir"
)

// A Plan is one version of a product, compiled: what it covers, how far, and who
// pays which share. It is immutable and shared by decisions.
type Plan struct {
	Name          string // for explanations, "District Health Plan"
	Currency      string // of all its amounts; "" where it has none
	AgeOfMajority int    // years from which a patient is an adult
	// HospitalSetting says what "in-patient" means for ceilings and deductibles:
	// a claim of a hospital, instead of a stay of more than one day.
	HospitalSetting bool
	// Tracks says that services are only recorded: the scheme pays nothing, and the
	// patient owes the scheme nothing.
	Tracks bool

	Services   map[Code]*Cover // by service
	Categories map[Code]*Cover // by the category of a service
	All        *Cover          // of all benefits; never nil

	// Review says which claims a person must see. The decision does not ask it.
	Review *selection.Rules
}

// A Cover is what a plan says on one service, on one category of services, or on
// all. What the more specific Cover does not say, the more general one does.
type Cover struct {
	Covered      bool // the plan covers what it names
	Origin       Origin
	Shares       []Term // the patient's percentage, ten-thousandths of a percent
	ShareMaximum []Term // the most a patient's percentage may come to on a line
	Copays       []Copay
	UnitMaximum  []Term // the most the scheme pays for one unit
	Waiting      []Waiting
	Authorised   []Authorisation
	Quantities   []Limit // units, ten-thousandths
	Visits       []Limit // claims, ten-thousandths
	Ceilings     []Limit // money
	Deductibles  []Limit // money
	Exempt       []Exemption
}

// An Origin says where the price of a service comes from.
type Origin uint8

// The origins of prices. Source: openIMIS price origins P, O and R.
const (
	OriginUnsaid   Origin = iota
	OriginList            // the facility's price list
	OriginOwn             // the price asked
	OriginRelative        // the list's, multiplied by the index of the payment run
)

// An Authorisation says when the scheme must have agreed beforehand.
type Authorisation struct{ When When }

// An Exemption says when a service neither counts against the ceilings of all
// benefits nor is cut by them. Source: openIMIS ceiling exclusion N, H and B.
type Exemption struct{ When When }

// An Age is a group of ages.
type Age uint8

// The groups of ages; the age of majority divides them.
const (
	AnyAge Age = iota
	Adult
	Child
)

// A Setting tells in-patient from out-patient money; see Plan.HospitalSetting.
type Setting uint8

// The settings of care.
const (
	AnySetting Setting = iota
	SettingOutpatient
	SettingInpatient
)

// A When is the condition of a term. Its zero value always holds.
type When struct {
	Visit    Visit
	Referred bool
	Age      Age
	Setting  Setting
}

// A Term is a value under a condition. Of several that hold, the one with the
// most specific condition counts.
type Term struct {
	When  When
	Value fhir.Amount
}

// A Copay is a fixed amount that the patient pays.
type Copay struct {
	When   When
	Per    Per
	Amount fhir.Amount
}

// A Per says for what a copay is paid each time.
type Per uint8

// What a copay is paid for.
const (
	PerLine Per = iota
	PerUnit
	PerTreatment
)

// A Waiting is how long after joining a service is not paid yet.
type Waiting struct {
	When         When
	Months, Days int
}

// A Scope says whose use a limit counts.
type Scope uint8

// The scopes of limits.
const (
	ScopeTreatment  Scope = iota + 1 // of this claim
	ScopeIndividual                  // of this member
	ScopeFamily                      // of all members of the policy
)

// A TimeSpan is the time over which a limit counts.
type TimeSpan uint8

// The spans of time of limits.
const (
	SpanPolicy    TimeSpan = iota // as long as the policy lasts
	SpanYear                      // a year of the policy
	SpanDay                       // the day of service
	SpanPregnancy                 // 280 days up to the day of service
	SpanLifetime                  // across all policies of the person
)

// A Limit is how much may be used by a scope over a span. A Maximum of 0 allows
// nothing; where nothing is limited there is no Limit.
type Limit struct {
	When    When
	Scope   Scope
	Span    TimeSpan
	Maximum fhir.Amount // money, units or claims, in ten-thousandths
	Bucket  string      // the ledger bucket it counts in; see Bucket
	Extra   Extra
	Target  string // what it limits, for explanations: "", or a service or category
}

// An Extra lets a family's ceiling grow with its members.
type Extra struct {
	Threshold int         // members that the Maximum is for; 0 lets nothing grow
	Amount    fhir.Amount // for each member beyond
	Maximum   fhir.Amount // at most this together; 0 leaves it open
}

// A Tariff is what the register says of one service.
type Tariff struct {
	Service    Code
	Categories []Code // surgery, consultation, …
	Sexes      []Sex  // the patients it is for; none is all
	Ages       []Age
	AgeFrom    int // completed years; 0 is none
	AgeTo      int // completed years, the last that may; 0 is none
	Care       Care
	// FrequencyDays is how many days must lie between two uses by one person; 0
	// leaves it open.
	FrequencyDays int
	Retired       bool   // it is no longer in the register
	Valid         Period // the days it may be claimed for
	Prices        []Price
	Risky         bool // a person should see claims with it, where the product asks for that
}

// A Price is the price of a unit on a list over a period.
type Price struct {
	List     Code // the zero Code is the price without a list
	Valid    Period
	Amount   fhir.Amount
	Currency string
}
