package openmrstest

import (
	"net/http"
	"slices"
	"time"
)

// A task is one as the tables hold it.
type task struct {
	uuid             string
	kept             map[string]any // status, intent, for, basedOn, owner, code, note …
	created, changed time.Time
}

// A Told is what a Task says, for tests.
type Told struct {
	UUID, Status, Patient, BasedOn, Owner, Code, Note string
}

// Tasks gives the Tasks in the order they were made.
func (s *Server) Tasks() []Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Told
	for _, t := range s.tasks {
		one := Told{UUID: t.uuid, Status: text(t.kept["status"]), Patient: reference(t.kept["for"]), Owner: reference(t.kept["owner"])}
		if on := list(t.kept["basedOn"]); len(on) > 0 {
			one.BasedOn = reference(on[0])
		}
		if codings := list(object(t.kept["code"])["coding"]); len(codings) > 0 {
			one.Code = text(codings[0]["code"])
		}
		if notes := list(t.kept["note"]); len(notes) > 0 {
			one.Note = text(notes[0]["text"])
		}
		all = append(all, one)
	}
	return all
}

// Drop removes a Task.
func (s *Server) Drop(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks = slices.DeleteFunc(s.tasks, func(t *task) bool { return t.uuid == uuid })
}

func reference(v any) string { return text(object(v)["reference"]) }

// columnMax is how long references and notes may be in the tables.
const columnMax = 255

// kept are the elements of a Task that have a place in the tables, but for
// references, code and note.
var kept = []string{"status", "intent", "executionPeriod"}

// writeTask makes a Task, or writes over the one that is there. What has no place
// in the tables is gone without a word.
func (s *Server) writeTask(id string, sent map[string]any) answer {
	if text(sent["status"]) == "" || text(sent["intent"]) == "" {
		return refuse(http.StatusUnprocessableEntity, "Task.status and Task.intent are required")
	}
	t := &task{uuid: s.uuid(), created: s.options.Now()}
	at := slices.IndexFunc(s.tasks, func(t *task) bool { return t.uuid == id })
	if at >= 0 {
		t.uuid, t.created = id, s.tasks[at].created
	}
	t.kept, t.changed = map[string]any{}, s.options.Now()
	for _, name := range kept {
		if sent[name] != nil {
			t.kept[name] = sent[name]
		}
	}
	if a := t.references(sent); a != nil {
		return *a
	}
	if a := s.detail(t, sent); a != nil {
		return *a
	}
	if at >= 0 {
		s.tasks[at] = t
	} else {
		s.tasks = append(s.tasks, t)
	}
	return answer{status: http.StatusOK, body: t.view(s.options.Deaf)}
}

// references takes the references. The column of the type must not be null.
func (t *task) references(sent map[string]any) *answer {
	for _, name := range []string{"for", "owner", "encounter", "location", "basedOn", "partOf"} {
		value := sent[name]
		if value == nil {
			continue
		}
		all := list(value)
		if o := object(value); o != nil {
			all = []map[string]any{o}
		}
		for _, one := range all {
			if text(one["type"]) == "" {
				a := refuse(http.StatusInternalServerError, "Column 'target_type' cannot be null")
				return &a
			}
			if len([]rune(text(one["reference"]))) > columnMax {
				a := refuse(http.StatusInternalServerError, "Data too long for column 'reference'")
				return &a
			}
		}
		t.kept[name] = value
	}
	return nil
}

// detail takes code, note and outputs.
func (s *Server) detail(t *task, sent map[string]any) *answer {
	for _, coding := range list(object(sent["code"])["coding"]) {
		if slices.Contains(s.options.Concepts, text(coding["system"])+"|"+text(coding["code"])) {
			t.kept["code"] = map[string]any{"coding": []any{coding}}
		}
	}
	if notes := list(sent["note"]); len(notes) > 0 && !s.options.Deaf {
		if len([]rune(text(notes[0]["text"]))) > columnMax {
			a := refuse(http.StatusInternalServerError, "Data too long for column 'comment'")
			return &a
		}
		t.kept["note"] = []any{map[string]any{"text": notes[0]["text"]}}
	}
	for _, output := range list(sent["output"]) {
		if output["type"] == nil {
			a := refuse(http.StatusInternalServerError, "Column 'type_id' cannot be null")
			return &a
		}
	}
	return nil
}

// view shows a Task as FHIR: its only identifier is its uuid.
func (t *task) view(deaf bool) map[string]any {
	body := map[string]any{
		"resourceType": "Task", "id": t.uuid, "meta": map[string]any{"lastUpdated": t.changed.UTC().Format(time.RFC3339Nano)},
		"identifier": []any{map[string]any{"system": extTask, "value": t.uuid}},
		"authoredOn": t.created.UTC().Format(time.RFC3339), "lastModified": t.changed.UTC().Format(time.RFC3339),
	}
	for name, value := range t.kept {
		if name != "note" || !deaf {
			body[name] = value
		}
	}
	return body
}
