package subscription

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/xml"
)

// The headers of a notification beyond those of channel.header. The number tells
// a subscriber that he was told before: delivery is at least once.
const (
	headerSubscription = "Bima-Subscription" // Subscription/[id]
	headerEvent        = "Bima-Event"        // the number, from 1
	headerKind         = "Bima-Event-Kind"   // create, update, delete or leave
	headerSignature    = "Bima-Signature"    // t=[seconds since 1970],v1=[hex HMAC-SHA256 of "t.body"]
)

// answerMax bounds what is read of an answer.
const answerMax = 64 << 10

// call tells an endpoint of one event. The error says what a person can do
// something about.
func (h *Hub) call(ctx context.Context, s *subscription, kept secret, e fhir.Event, r *fhir.Resource) error {
	request, err := h.request(ctx, s, kept, e, r)
	if err != nil {
		return err
	}
	return h.send(request)
}

// send makes a call, unless the operator allows the endpoint no longer. Any 2xx is
// a success.
func (h *Hub) send(request *http.Request) error {
	answer, err := h.client.Do(request)
	if err != nil {
		return errors.New(reason(err))
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, answerMax)); err != nil {
		return errors.New(reason(err))
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the endpoint answered HTTP %d", answer.StatusCode)
	}
	return nil
}

// reason gives an error of the network without the URL, which may hold what is
// private.
func reason(err error) string {
	var at *url.Error
	var name *net.DNSError
	var forbidden *fhir.Outcome
	switch {
	case errors.As(err, &forbidden):
		return forbidden.Issues[0].Diagnostics
	case errors.As(err, &name):
		return "the name of the endpoint is not known"
	case errors.As(err, &at) && at.Timeout():
		return "the endpoint did not answer in time"
	case errors.As(err, &at):
		err = at.Err
	}
	if strings.Contains(err.Error(), "malformed") {
		return "the endpoint's answer is no HTTP" // it may repeat what it was sent, and secrets with it
	}
	return fmt.Sprintf("the endpoint can't be reached: %.300s", err)
}

// request makes the call that tells of an event. What was deleted is told of
// without a payload: there is none.
func (h *Hub) request(ctx context.Context, s *subscription, kept secret, e fhir.Event, r *fhir.Resource) (*http.Request, error) {
	method, target := http.MethodPost, s.endpoint
	body, media, err := s.body(r)
	if err != nil {
		return nil, err
	}
	if s.style == stylePut && s.payload != "" {
		method, target = http.MethodPut, strings.TrimSuffix(s.endpoint, "/")+"/"+e.Key.String()
		if r == nil {
			method = http.MethodDelete
		}
	}
	return h.prepare(ctx, s, kept, e, method, target, media, body)
}

// prepare makes a call with the headers of all.
func (h *Hub) prepare(ctx context.Context, s *subscription, kept secret, e fhir.Event, method, target, media string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, one := range kept.Headers {
		request.Header.Add(one.Name, one.Value)
	}
	if media != "" {
		request.Header.Set("Content-Type", media+"; charset=utf-8")
	}
	request.Header.Set("User-Agent", "Bima")
	request.Header.Set(headerSubscription, "Subscription/"+s.id)
	if e.Number > 0 {
		request.Header.Set(headerEvent, strconv.FormatInt(e.Number, 10))
		request.Header.Set(headerKind, string(e.Kind))
	}
	if kept.Key != "" {
		request.Header.Set(headerSignature, sign(kept.Key, h.now().Unix(), body))
	}
	return request, nil
}

// body gives what is sent of a version, in the media type asked for.
func (s *subscription) body(r *fhir.Resource) (body []byte, media string, err error) {
	if s.payload == "" || r == nil {
		return nil, "", nil
	}
	if s.payload == mediaXML {
		body, err = xml.FromJSON(nil, r.Body)
		return body, s.payload, err
	}
	return r.Body, s.payload, nil
}

// sign gives the value of the header by which a subscriber knows that it was us,
// and when.
func sign(key string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(strconv.AppendInt(nil, at, 10))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}
