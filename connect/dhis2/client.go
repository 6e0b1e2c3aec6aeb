package dhis2

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bima/fhir/subscription"
)

// answerMax bounds an answer, in bytes: a list of 50,000 organisation units is some
// five million.
const answerMax = 64 << 20

// A client calls one DHIS2.
type client struct {
	call subscription.Call
	set  *settings
}

// ask makes a call below the API. The error is of the network.
func (c *client) ask(ctx context.Context, method, path string, query url.Values, body []byte) (int, []byte, error) {
	target := c.set.base + "/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, values := range c.call.Headers {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.call.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerMax+1))
	if err == nil && len(text) > answerMax {
		err = fmt.Errorf("DHIS2 answered more than %d bytes", answerMax)
	}
	return answer.StatusCode, text, err
}

// get asks for JSON.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	status, body, err := c.ask(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		_, message, _ := readSummary(body)
		return transport(status, message, false)
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("DHIS2 answered api/%s with what is no JSON: what answers may not be DHIS2", path)
	}
	return nil
}

// post sends numbers and tells what became of them.
func (c *client) post(ctx context.Context, p payload, dryRun bool) (judgement, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return judgement{}, err
	}
	status, answer, err := c.ask(ctx, http.MethodPost, "dataValueSets", c.set.query(dryRun), body)
	if err != nil {
		return judgement{}, err
	}
	if s, _, summed := readSummary(answer); status == http.StatusOK && !summed && s.ID != "" && s.Notifier != "" {
		status, answer, err = c.await(ctx, s.ID)
		if err != nil {
			return judgement{}, err
		}
	}
	return judge(status, answer, p, dryRun)
}

// jobType is the kind of the jobs that take numbers.
const jobType = "DATAVALUE_IMPORT"

// A job is asked about at once, and then at pauses that grow up to pauseMost.
const (
	pauseFirst = 50 * time.Millisecond
	pauseMost  = 5 * time.Second
)

var errJob = errors.New("DHIS2 has not done the import in time; it is sent again, which changes nothing")

// await asks about a job until it is done, and gives its summary, which may be there
// a moment after that was said: until then it is not found, or empty.
func (c *client) await(ctx context.Context, id string) (int, []byte, error) {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return 0, nil, errors.New("DHIS2 answered with a job that has no id")
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := pauseFirst; ; pause = min(2*pause, pauseMost) {
		select {
		case <-ctx.Done():
			return 0, nil, errJob
		case <-timer.C:
		}
		var notes []struct {
			Completed bool `json:"completed"`
		}
		if err := c.get(ctx, "system/tasks/"+jobType+"/"+id, nil, &notes); err != nil {
			return 0, nil, err
		}
		done := false
		for _, n := range notes {
			done = done || n.Completed
		}
		if done {
			status, answer, err := c.ask(ctx, http.MethodGet, "system/taskSummaries/"+jobType+"/"+id, nil, nil)
			if _, _, summed := readSummary(answer); err != nil || summed || status != http.StatusOK && status != http.StatusNotFound {
				return status, answer, err
			}
		}
		timer.Reset(pause)
	}
}
