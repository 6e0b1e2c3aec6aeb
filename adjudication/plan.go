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
	// Decides says which day of a stay decides cover and price.
	Decides Deciding
	// Filing is how long after the last day of treatment a claim may be made; nil
	// leaves it open.
	Filing *Deadline
	// Presence says that a claim must quote the visit code of an answer about
	// eligibility: proof that the patient was there. Emergencies need none.
	Presence bool
	// PresenceDays is how many days before treatment that may have been asked for.
	PresenceDays int
	// BalanceBilling lets the facility ask the patient for what is above the list
	// price; without it the facility bears that.
	BalanceBilling bool
	// Diagnoses says that some Cover goes by diagnoses.
	Diagnoses bool
	Groups    []PatientGroup
	Gated     bool // some Cover has a Gate
	Grows     bool // some ceiling grows with the members of a family
	// Repeats says that some Cover refuses repeated care; see Cover.Once.
	Repeats bool
	// Admissions says that nobody is in two hospitals in one night.
	Admissions bool
	// Capitated are the levels of the facilities that are paid by heads; none is
	// all. See Cover.Capitated.
	Capitated []Code

	// AuthorisationDays is how long a preauthorization holds; 0 is the default.
	AuthorisationDays int
	// EmergencyHours is how long after admission an emergency may be asked for what
	// the scheme wants to agree to; 0 lets emergencies go without asking.
	EmergencyHours int
	// Coordinates says that the plan pays what a policy before it left to the
	// member.
	Coordinates bool
	Accidents   AccidentCover
	Wages       bool // some Cover replaces wages

	Services   map[Code]*Cover   // by service
	Sets       map[Code][]*Cover // by service, those of the sets of services that it is in
	Listed     []ServiceSet      // those sets, in the order the product names them
	Categories map[Code]*Cover   // by the category of a service
	All        *Cover            // of all benefits; never nil

	// Review says which claims a person must see. The decision does not ask it.
	Review *selection.Rules
}

// A ServiceSet is a set of services that a plan has an entry about.
type ServiceSet struct {
	URL   string // of the ValueSet, as the product names it
	Name  string // in words; "" where the product has none
	Cover *Cover
}

// A Cover is what a plan says on one service, on one category of services, or on
// all. What the more specific Cover does not say, the more general one does.
type Cover struct {
	Covered      bool    // the plan covers what it names
	CoveredIn    Setting // … in this setting alone; AnySetting where Covered says it all
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
	Gates        []Gate
	Once         Choice // the person has the service once a day, wherever it is
	Capitated    []Capitation
	Excluded     []Code // diagnoses for which nothing is paid
	Indicated    []Code // diagnoses of which one is needed
	Wage         *WageShare
}

// A Choice is yes or no, or leaves it to a more general Cover.
type Choice uint8

// The choices.
const (
	Unsaid Choice = iota
	Yes
	No
)

// A Deciding says which day decides cover and price of a line of a stay.
type Deciding uint8

// The days that may decide.
const (
	DecidesLine      Deciding = iota // all days of the line are covered; its last day sets the price
	DecidesAdmission                 // the first day of treatment decides for all lines
	DecidesDischarge                 // the last day does
)

// A Deadline is a time after a day.
type Deadline struct{ Months, Days int }

// A Gate says when a service is paid only to who was referred.
type Gate struct {
	When When
	At   GateAt
}

// A GateAt says where a referral is needed. In an emergency it is needed nowhere.
type GateAt uint8

// Where a referral may be needed.
const (
	GateHospital  GateAt = iota // at facilities of hospital level
	GateElsewhere               // anywhere but at the patient's first point of service, where he has one
)

// A Capitation says that facilities were paid for a service by heads already.
type Capitation struct{ When When }

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
	Group    string // of patients, as Code.String gives it; "" is everybody
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
	SpanPregnancy                 // the pregnancy, or 280 days up to the day of service where it is not known
	SpanLifetime                  // across all policies of the person
)

// A Limit is how much may be used by a scope over a span. A Maximum of 0 allows
// nothing; where nothing is limited there is no Limit.
type Limit struct {
	When    When
	Scope   Scope
	Span    TimeSpan
	Maximum fhir.Amount // money, units or claims, in ten-thousandths
	Bucket  string      // the ledger bucket it counts in; see BucketOf
	// Shared is the bucket in which all limits of visits of one thing were counted
	// before each had its own. What stands there still counts for each of them.
	Shared string
	Extra  Extra
	Target string // what it limits, for explanations: "", or a service or category
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
	// Exclusive are the groups of services of which it is one: of a group only one
	// service is paid.
	Exclusive []Exclusive
	Excluded  []Code  // diagnoses that the service is not for
	Indicated []Code  // diagnoses of which the service needs one
	Retired   bool    // it is no longer in the register
	Pricing   Pricing // of a package
	Valid     Period  // the days it may be claimed for
	Prices    []Price
	Risky     bool // a person should see claims with it, where the product asks for that
}

// An Exclusive is a group of services that are not had together: on one day or,
// with Claim, in one claim.
type Exclusive struct {
	Group string
	Claim bool
}

// A Price is the price of a unit on a list over a period.
type Price struct {
	List     Code // the zero Code is the price without a list
	Valid    Period
	Amount   fhir.Amount
	Currency string
}
