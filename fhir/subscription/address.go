package subscription

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bima/fhir"
)

// mayCall asks whether the operator allows an endpoint, as far as its URL tells.
// Where a name leads is asked when it is called.
func (s Settings) mayCall(endpoint string) error {
	const at = "Subscription.channel.endpoint"
	u, err := url.Parse(endpoint)
	if err != nil {
		return fhir.Errorf(fhir.IssueValue, at, "%.200q is no URL", endpoint)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fhir.Errorf(fhir.IssueValue, at, "%.20q is no port; those of TCP are 1 to 65535", port)
		}
	}
	if len(s.Allow) > 0 && !s.allowed(u) {
		return fhir.Errorf(fhir.IssueSecurity, at, "%s is not among the endpoints that this server is set to tell; ask its operator to add it (--subscription-allow)", u.Host)
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !s.Private && !public(addr) {
		return fhir.Errorf(fhir.IssueSecurity, at, "%s is an address of a private network, which this server is set not to call (--subscription-private)", addr)
	}
	if name := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")); !s.Private && (name == "localhost" || strings.HasSuffix(name, ".localhost")) {
		return fhir.Errorf(fhir.IssueSecurity, at, "localhost is this server's own machine, which it is set not to call (--subscription-private)")
	}
	return nil
}

// allowed asks the names of Settings.Allow.
func (s Settings) allowed(u *url.URL) bool {
	for _, pattern := range s.Allow {
		name, port, err := net.SplitHostPort(pattern)
		if err != nil {
			name, port = pattern, ""
		}
		fits, err := path.Match(strings.ToLower(name), strings.ToLower(u.Hostname()))
		if err == nil && fits && (port == "" || port == portOf(u)) {
			return true
		}
	}
	return false
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// reserved are the networks besides the private ones that no public service is
// on. Source: the IANA special-purpose address registries.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("3fff::/20"),
}

// internet is where all public addresses of IPv6 are: what leads to one of IPv4 in
// another form (::ffff:0:0:0/96, 64:ff9b::/96, ::/96) is outside. Source: the IANA
// registry of the address space of IPv6.
var internet = netip.MustParsePrefix("2000::/3")

// public reports whether an address is one of the public internet.
func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("") // no prefix contains an address with a zone
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Is6() && !internet.Contains(addr) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// errPrivate is why a name was not called.
var errPrivate = fhir.Errorf(fhir.IssueSecurity, "Subscription.channel.endpoint", "its name leads to a private network, which this server is set not to call")

// newClient makes the client that calls endpoints. It follows no redirect, which
// would carry secrets elsewhere, uses no proxy that would call for it, and looks
// at the address it is about to connect to, so that a name that leads elsewhere
// since it was checked leads nowhere.
func newClient(s Settings) *http.Client {
	dialer := &net.Dialer{Timeout: min(s.Timeout, 10*time.Second)}
	if !s.Private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			addr, err := netip.ParseAddrPort(address)
			if err != nil || !public(addr.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return &http.Client{
		Timeout:       s.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: guard{settings: s, next: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		}},
	}
}
