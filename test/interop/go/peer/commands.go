package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Command is a line that a test sends on stdin. The answer is a line with the same id.
type Command struct {
	ID          int               `json:"id"`
	Do          string            `json:"do"`
	Service     string            `json:"service"`
	Address     string            `json:"address"`
	Endpoint    string            `json:"endpoint"`
	ContentType string            `json:"contentType"`
	Headers     map[string]string `json:"headers"`
	TimeoutMs   int               `json:"timeoutMs"`
	Times       int               `json:"times"`
	Topic       string            `json:"topic"`
	Requests    []*Value          `json:"requests"`
}

// Answer is what became of a command: values, an error, or both, when a stream has failed after some values.
type Answer struct {
	ID      int      `json:"id"`
	Values  []*Value `json:"values"`
	Nodes   []Node   `json:"nodes,omitempty"`
	Stats   *Stats   `json:"stats,omitempty"`
	Health  string   `json:"health,omitempty"`
	Error   string   `json:"error,omitempty"`
	Blocked bool     `json:"blocked,omitempty"`
}

// Event is a line that no command asked for: the program serves, or a message of the topic has come.
type Event struct {
	Event   string            `json:"event"`
	Address string            `json:"address,omitempty"`
	Topic   string            `json:"topic,omitempty"`
	Value   *Value            `json:"value,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Node is a node that the registry has.
type Node struct {
	ID       string            `json:"id"`
	Address  string            `json:"address"`
	Version  string            `json:"version"`
	Metadata map[string]string `json:"metadata"`
}

// Stats are the numbers of Debug.Stats that both generations have.
type Stats struct {
	Started uint64 `json:"started"`
	Uptime  uint64 `json:"uptime"`
	Memory  uint64 `json:"memory"`
	Threads uint64 `json:"threads"`
	GC      uint64 `json:"gc"`
}

// Stream is a stream of a client.
type Stream interface {
	Pipe
	Close() error
}

// Client is what a generation's client does for the commands.
type Client interface {
	Call(ctx context.Context, command *Command, req, rsp interface{}) error
	Stream(ctx context.Context, command *Command) (Stream, error)
	// Health and Stats ask the Debug service of a node with the messages of the generation.
	Health(ctx context.Context, command *Command) (string, error)
	Stats(ctx context.Context, command *Command) (*Stats, error)
	Publish(ctx context.Context, command *Command, message interface{}) error
	Nodes(service string) ([]Node, error)
	// WithHeaders gives a context whose requests carry the headers.
	WithHeaders(ctx context.Context, headers map[string]string) context.Context
}

// Subscription is a topic, and the queue that shares its messages.
type Subscription struct{ Topic, Queue string }

// Subscriptions reads the flag --topics: topic or topic:queue, with commas between.
func Subscriptions(flag string) []Subscription {
	var found []Subscription
	for _, text := range strings.Split(flag, ",") {
		if text == "" {
			continue
		}
		parts := strings.SplitN(text+":", ":", 3)
		found = append(found, Subscription{Topic: parts[0], Queue: parts[1]})
	}
	return found
}

var output = struct {
	sync.Mutex
	*json.Encoder
}{Encoder: json.NewEncoder(os.Stdout)}

// Print writes one line for the test.
func Print(line interface{}) {
	output.Lock()
	defer output.Unlock()
	if err := output.Encode(line); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Obey carries out the commands of stdin, side by side, until stdin ends.
func Obey(client Client) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		command := new(Command)
		if err := json.Unmarshal(lines.Bytes(), command); err != nil {
			fmt.Fprintln(os.Stderr, "unreadable command:", err)
			os.Exit(1)
		}
		go func() {
			answer := carryOut(client, command)
			answer.ID = command.ID
			Print(answer)
		}()
	}
}

func carryOut(client Client, command *Command) (answer Answer) {
	ctx := client.WithHeaders(context.Background(), command.Headers)
	if command.TimeoutMs > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(command.TimeoutMs)*time.Millisecond)
		defer cancel()
		ctx = limited
	}
	var err error
	switch command.Do {
	case "call":
		answer.Values, err = call(ctx, client, command)
	case "talk":
		answer.Values, err = talk(ctx, client, command)
	case "receive":
		answer.Values, err = receive(ctx, client, command)
	case "listen":
		answer.Blocked, answer.Values, err = listen(ctx, client, command)
	case "health":
		answer.Health, err = client.Health(ctx, command)
	case "stats":
		answer.Stats, err = client.Stats(ctx, command)
	case "publish":
		for _, message := range command.Requests {
			if err = client.Publish(ctx, command, message); err != nil {
				break
			}
		}
	case "nodes":
		answer.Nodes, err = client.Nodes(command.Service)
	default:
		err = fmt.Errorf("there is no command %q", command.Do)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// call makes the same call as often as the command says and gives the last answer.
func call(ctx context.Context, client Client, command *Command) ([]*Value, error) {
	if command.Endpoint == "Echo.Nothing" {
		return nil, client.Call(ctx, command, new(Nothing), new(Nothing))
	}
	var req interface{} = new(Nothing)
	if len(command.Requests) > 0 {
		req = command.Requests[0]
	}
	rsp := new(Value)
	for time := 0; time == 0 || time < command.Times; time++ {
		rsp.Reset()
		if err := client.Call(ctx, command, req, rsp); err != nil {
			return nil, err
		}
	}
	return []*Value{rsp}, nil
}

// talk sends one request after the other, each when the one before it is answered.
func talk(ctx context.Context, client Client, command *Command) ([]*Value, error) {
	stream, err := client.Stream(ctx, command)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var values []*Value
	for _, req := range command.Requests {
		if err := stream.Send(req); err != nil {
			return values, err
		}
		value := new(Value)
		if err := stream.Recv(value); err != nil {
			return values, err
		}
		values = append(values, value)
	}
	return values, nil
}

// receive sends the request and takes what comes until the stream ends.
func receive(ctx context.Context, client Client, command *Command) ([]*Value, error) {
	stream, err := client.Stream(ctx, command)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	if err := stream.Send(command.Requests[0]); err != nil {
		return nil, err
	}
	return takeAll(stream)
}

// listen waits for values before it sends. It tells whether sending was blocked by the waiting.
func listen(ctx context.Context, client Client, command *Command) (bool, []*Value, error) {
	stream, err := client.Stream(ctx, command)
	if err != nil {
		return false, nil, err
	}
	defer stream.Close()
	received := make(chan []*Value, 1)
	failed := make(chan error, 1)
	go func() {
		value := new(Value)
		err := stream.Recv(value)
		failed <- err
		received <- []*Value{value}
	}()
	time.Sleep(50 * time.Millisecond)
	sent := make(chan error, 1)
	go func() { sent <- stream.Send(command.Requests[0]) }()
	select {
	case err := <-sent:
		if err != nil {
			return false, nil, err
		}
	case <-time.After(500 * time.Millisecond):
		return true, nil, nil
	}
	return false, <-received, <-failed
}

func takeAll(stream Stream) ([]*Value, error) {
	var values []*Value
	for {
		value := new(Value)
		if err := stream.Recv(value); err == io.EOF {
			return values, nil
		} else if err != nil {
			return values, err
		}
		values = append(values, value)
	}
}
