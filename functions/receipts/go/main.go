// Command receipts gives each paid order a receipt: a Function of Tenfold in Go, with the standard library alone.
// It takes one event, or a batch of events, as docs/reference/contracts.md says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"
)

const (
	mostBytes       = 2 << 20 // of one request; larger than `batch.maxSize`, which is 1 MiB by default
	mostConnections = 200
	mostRemembered  = 10_000
	batchType       = "application/cloudevents-batch+json"
)

var (
	bodyTime    = time.Duration(setting("BODY_SECONDS", 10)) * time.Second
	places      = make(chan struct{}, setting("AT_ONCE", 50))
	receipts    = newStore()
	traceparent = regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$`)
)

// A problem says why a request, or one event, gets no receipt (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

type receipt struct {
	Receipt    int    `json:"receipt"`
	OrderID    string `json:"orderId"`
	TotalCents int64  `json:"totalCents"`
}

type result struct {
	ID     string   `json:"id,omitempty"`
	Status int      `json:"status"`
	Data   *receipt `json:"data,omitempty"`
	Error  *problem `json:"error,omitempty"`
}

type eventKey struct{ source, id string }

// A store writes a receipt once for each event. A real one keeps both in the transaction of a database.
type store struct {
	sync.Mutex
	written map[eventKey]*receipt
	order   []eventKey
	last    int
}

func newStore() *store { return &store{written: map[eventKey]*receipt{}} }

func (s *store) write(key eventKey, data json.RawMessage) (*receipt, *problem) {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil || members == nil {
		return nil, &problem{"Unprocessable", 422, "The order is no JSON object."}
	}
	var order string
	if json.Unmarshal(members["orderId"], &order) != nil || order == "" {
		return nil, &problem{"Unprocessable", 422, "orderId is missing."}
	}
	var total *int64
	if json.Unmarshal(members["totalCents"], &total) != nil || total == nil || *total < 0 || *total > 1<<53 {
		return nil, &problem{"Unprocessable", 422, "totalCents is no whole number from 0 on."}
	}
	if string(members["paid"]) == "false" {
		// The platform tries 425 again, as its `retry` says.
		return nil, &problem{"Too Early", 425, "The order " + order + " is not paid yet."}
	}
	s.Lock()
	defer s.Unlock()
	if known := s.written[key]; known != nil {
		return known, nil
	}
	s.last++
	made := &receipt{s.last, order, *total}
	s.written[key] = made
	s.order = append(s.order, key)
	if len(s.order) > mostRemembered {
		delete(s.written, s.order[0])
		s.order = s.order[1:]
	}
	return made, nil
}

// answerEvent gives the entry of `results` for one event of a batch.
func answerEvent(text json.RawMessage) result {
	var event struct {
		Source string          `json:"source"`
		ID     string          `json:"id"`
		Data   json.RawMessage `json:"data"`
	}
	if json.Unmarshal(text, &event) != nil {
		return result{Status: 400, Error: &problem{"Bad Request", 400, "The event is no JSON object, or its source or id is no text."}}
	}
	if event.Source == "" || event.ID == "" {
		return result{Status: 400, Error: &problem{"Bad Request", 400, "The event has no source or no id."}}
	}
	made, refused := receipts.write(eventKey{event.Source, event.ID}, event.Data)
	if refused != nil {
		return result{ID: event.ID, Status: refused.Status, Error: refused}
	}
	return result{ID: event.ID, Status: 200, Data: made}
}

// work gives the status and the answer, and how many events the request brought.
func work(w http.ResponseWriter, r *http.Request) (int, any, int) {
	refuse := func(title string, status int, detail string) (int, any, int) {
		return status, &problem{title, status, detail}, 0
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse("Content Too Large", 413, "A request has at most "+strconv.Itoa(mostBytes)+" bytes.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refuse("Request Timeout", 408, "The body did not come in time.")
	case err != nil:
		return refuse("Bad Request", 400, "The body ended too early.")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == batchType {
		var events []json.RawMessage
		if !utf8.Valid(body) || json.Unmarshal(body, &events) != nil || events == nil {
			return refuse("Bad Request", 400, "A batch is a JSON array of events.")
		}
		results := make([]result, len(events))
		for at, event := range events {
			results[at] = answerEvent(event)
		}
		return 207, map[string]any{"results": results}, len(events)
	}
	if kind != "application/json" {
		return refuse("Unsupported Media Type", 415, "Events have JSON as data, or come as "+batchType+".")
	}
	key := eventKey{r.Header.Get("ce-source"), r.Header.Get("ce-id")}
	if key.source == "" || key.id == "" {
		return refuse("Bad Request", 400, "The event has no ce-source or no ce-id.")
	}
	if !utf8.Valid(body) || !json.Valid(body) {
		return refuse("Bad Request", 400, "The body is no JSON.")
	}
	made, refused := receipts.write(key, body)
	if refused != nil {
		return refused.Status, refused, 1
	}
	return 200, made, 1
}

func takeEvents(w http.ResponseWriter, r *http.Request) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTime))
	// A refusal does not wait for the rest of the body.
	_ = connection.EnableFullDuplex()
	if r.URL.Path != "/" || r.Method != http.MethodPost {
		answer(w, 404, &problem{"Not Found", 404, "Events go to / by POST."})
		return
	}
	status, body, events := 503, any(&problem{Title: "Busy", Status: 503}), 0
	select {
	case places <- struct{}{}:
		status, body, events = work(w, r)
		<-places
	default:
		// With Retry-After the platform waits, and counts no attempt.
		w.Header().Set("Retry-After", "1")
	}
	answer(w, status, body)
	fields := []any{"status", status}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, name, value)
		}
	}
	if events > 0 {
		fields = append(fields, "events", events)
	}
	if found := traceparent.FindStringSubmatch(r.Header.Get("traceparent")); found != nil {
		add("trace", found[1])
	}
	add("attempt", r.Header.Get("tenfold-attempt"))
	add("consumer", r.Header.Get("tenfold-consumer"))
	slog.Info("answered", fields...)
}

func answer(w http.ResponseWriter, status int, body any) {
	text, _ := json.Marshal(body)
	kind := "application/json"
	if _, refused := body.(*problem); refused {
		kind = "application/problem+json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// limitConnections closes those that are too many.
func limitConnections() func(net.Conn, http.ConnState) {
	var open atomic.Int64
	return func(connection net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > mostConnections {
				_ = connection.Close()
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
}

func setting(name string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil && value > 0 {
		return value
	}
	return otherwise
}

func main() {
	names := func(_ []string, field slog.Attr) slog.Attr {
		switch field.Key {
		case slog.MessageKey:
			field.Key = "message"
		case slog.LevelKey:
			field.Value = slog.StringValue(strings.ToLower(field.Value.String()))
		}
		return field
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: names})))
	healthy := func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, map[string]string{"status": "ok"}) }
	http.HandleFunc("GET /healthz", healthy)
	http.HandleFunc("GET /readyz", healthy)
	http.HandleFunc("/", takeEvents)
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnState:         limitConnections(),
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), port))
	if err != nil {
		slog.Error("cannot listen", "error", err.Error())
		os.Exit(1)
	}
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	slog.Info("listening", "port", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("cannot serve", "error", err.Error())
			os.Exit(1)
		}
	}()
	<-told.Done()
	slog.Info("ending")
	// Takes no more connections, ends those that wait for a request, and waits for requests that run.
	if err := server.Shutdown(context.Background()); err != nil {
		slog.Error("could not end", "error", err.Error())
		os.Exit(1)
	}
}
