// A service and a client on go-micro of 2017. It takes go-micro's own flags, --topics, and commands on stdin.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/micro/cli"
	"github.com/micro/go-micro"
	"github.com/micro/go-micro/cmd"
	"github.com/micro/go-micro/errors"
	"github.com/micro/go-micro/metadata"
	"github.com/micro/go-micro/registry"
	"github.com/micro/go-micro/server"

	"peer"
)

// Echo is the service that tests call.
type Echo struct{ peer.Echo }

func (Echo) Talk(_ context.Context, stream server.Streamer) error { return peer.ServeTalk(stream) }

func (Echo) Count(_ context.Context, stream server.Streamer) error { return peer.ServeCount(stream) }

func (e Echo) Break(_ context.Context, stream server.Streamer) error {
	return peer.ServeBreak(stream, e.NewError("interop", "broken", 409))
}

func (Echo) Late(_ context.Context, stream server.Streamer) error { return peer.ServeLate(stream) }

func (Echo) Chatter(_ context.Context, stream server.Streamer) error {
	return peer.ServeChatter(stream)
}

func headers(ctx context.Context) map[string]string {
	found, _ := metadata.FromContext(ctx)
	return found
}

// heard tells the test of an event. Go-micro drops what a subscriber returns.
func heard(topic string) func(context.Context, *peer.Value) error {
	return func(ctx context.Context, value *peer.Value) error {
		peer.Print(peer.Event{Event: "message", Topic: topic, Value: value, Headers: headers(ctx)})
		return nil
	}
}

func main() {
	// go-micro and the standard library log; stdout belongs to the commands.
	log.SetOutput(os.Stderr)
	cmd.DefaultRegistries["none"] = newNoRegistry
	var topics string
	service := micro.NewService(
		micro.RegisterTTL(5*time.Second),
		micro.RegisterInterval(2*time.Second),
		micro.Flags(cli.StringFlag{Name: "topics", Usage: "What to subscribe to, as topic or topic:queue, with commas between"}),
		micro.Action(func(flags *cli.Context) { topics = flags.String("topics") }),
		micro.AfterStart(func() error {
			peer.Print(peer.Event{Event: "serving", Address: server.DefaultServer.Options().Address})
			return nil
		}),
	)
	service.Init()
	server := service.Server()
	if err := server.Handle(server.NewHandler(&Echo{peer.Echo{Headers: headers, NewError: errors.New}})); err != nil {
		log.Fatal(err)
	}
	for _, subscription := range peer.Subscriptions(topics) {
		if err := subscribe(server, subscription.Topic, subscription.Queue); err != nil {
			log.Fatal(err)
		}
	}
	go peer.Obey(&caller{service: service, registry: server.Options().Registry})
	if err := service.Run(); err != nil {
		log.Fatal(err)
	}
}

func subscribe(s server.Server, topic, queue string) error {
	var options []server.SubscriberOption
	if queue != "" {
		options = append(options, server.SubscriberQueue(queue))
	}
	return s.Subscribe(s.NewSubscriber(topic, heard(topic), options...))
}

// noRegistry is for nodes that are called by their address.
type noRegistry struct{ registry.Registry }

func newNoRegistry(...registry.Option) registry.Registry { return noRegistry{} }

func (noRegistry) Register(*registry.Service, ...registry.RegisterOption) error { return nil }
func (noRegistry) Deregister(*registry.Service) error                           { return nil }
func (noRegistry) GetService(string) ([]*registry.Service, error)               { return nil, nil }
func (noRegistry) String() string                                               { return "none" }
