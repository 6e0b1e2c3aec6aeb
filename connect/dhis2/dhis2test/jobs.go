package dhis2test

import (
	"fmt"
	"net/http"

	"bima/connect/dhis2/object"
)

const jobType = "DATAVALUE_IMPORT"

// A job is an import that was asked for later. It is done when it has been asked
// about once. DHIS2 says so a moment before the summary is there.
type job struct {
	asked   int
	given   int // how often the summary was asked for since
	pending *importing
	summary object.Object
}

// startJob answers that an import will be done.
func (x *exchange) startJob(i *importing) {
	id := fmt.Sprintf("fakeJob%04d", len(x.jobs)+1)
	x.jobs[id] = &job{pending: i}
	x.report(http.StatusOK, "OK", "Initiated inMemoryDataValueImport", object.Object{
		"responseType": "JobConfigurationWebMessageResponse", "id": id, "name": "inMemoryDataValueImport", "jobType": jobType, "jobStatus": "SCHEDULED",
		"relativeNotifierEndpoint": "/api/system/tasks/" + jobType + "/" + id,
	})
}

// getTask answers how far a job is: a list, the newest first.
func (x *exchange) getTask() {
	j := x.jobs[x.path[3]]
	if j == nil || x.path[2] != jobType {
		x.answer(http.StatusOK, []any{})
		return
	}
	j.asked++
	notes := []any{object.Object{"level": "INFO", "category": jobType, "message": "Process started", "completed": false}}
	if j.asked > 1 {
		if j.summary == nil {
			_, _, j.summary = j.pending.run()
		}
		notes = append([]any{object.Object{"level": "INFO", "category": jobType, "message": "Import done", "completed": true}}, notes...)
	}
	x.answer(http.StatusOK, notes)
}

// getSummary answers what became of a job: a bare summary.
func (x *exchange) getSummary() {
	j := x.jobs[x.path[3]]
	if j == nil || j.summary == nil {
		x.fail(http.StatusNotFound, "Summary is not there")
		return
	}
	switch j.given++; j.given {
	case 1:
		x.fail(http.StatusNotFound, "Summary is not there")
	case 2:
		x.answer(http.StatusOK, nil)
	default:
		x.answer(http.StatusOK, j.summary)
	}
}
