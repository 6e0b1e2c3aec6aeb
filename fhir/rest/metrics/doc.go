// Package metrics counts what the server does and writes it in the text format
// of Prometheus 0.0.4: exchanges by interaction, resource type and class of
// status, the Go runtime, and what the store tells of its pools and queues.
//
// Its door is Registry. It holds counts only, nothing of what was asked.
package metrics
