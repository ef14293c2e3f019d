package main

import (
	"context"

	"github.com/micro/go-micro/client"
	debug "github.com/micro/go-micro/debug/service/proto"
	"github.com/micro/go-micro/metadata"
	"github.com/micro/go-micro/registry"

	"peer"
)

// caller carries out the commands with the client of go-micro.
type caller struct {
	client   client.Client
	registry registry.Registry
}

func (c *caller) Call(ctx context.Context, command *peer.Command, req, rsp interface{}) error {
	request := c.client.NewRequest(command.Service, command.Endpoint, req, contentType(command)...)
	return c.client.Call(ctx, request, rsp, address(command)...)
}

func (c *caller) Stream(ctx context.Context, command *peer.Command) (peer.Stream, error) {
	options := append(contentType(command), client.StreamingRequest())
	request := c.client.NewRequest(command.Service, command.Endpoint, new(peer.Value), options...)
	return c.client.Stream(ctx, request, address(command)...)
}

func contentType(command *peer.Command) []client.RequestOption {
	if command.ContentType == "" {
		return nil
	}
	return []client.RequestOption{client.WithContentType(command.ContentType)}
}

func address(command *peer.Command) []client.CallOption {
	if command.Address == "" {
		return nil
	}
	return []client.CallOption{client.WithAddress(command.Address)}
}

func (c *caller) Health(ctx context.Context, command *peer.Command) (string, error) {
	command.Endpoint = "Debug.Health"
	rsp := new(debug.HealthResponse)
	err := c.Call(ctx, command, new(debug.HealthRequest), rsp)
	return rsp.Status, err
}

func (c *caller) Stats(ctx context.Context, command *peer.Command) (*peer.Stats, error) {
	command.Endpoint = "Debug.Stats"
	rsp := new(debug.StatsResponse)
	err := c.Call(ctx, command, new(debug.StatsRequest), rsp)
	return &peer.Stats{Started: rsp.Started, Uptime: rsp.Uptime, Memory: rsp.Memory, Threads: rsp.Threads, GC: rsp.Gc}, err
}

func (c *caller) Publish(ctx context.Context, command *peer.Command, message interface{}) error {
	var options []client.MessageOption
	if command.ContentType != "" {
		options = append(options, func(o *client.MessageOptions) { o.ContentType = command.ContentType })
	}
	return c.client.Publish(ctx, c.client.NewMessage(command.Topic, message, options...))
}

func (c *caller) Nodes(name string) ([]peer.Node, error) {
	services, err := c.registry.GetService(name)
	var nodes []peer.Node
	for _, service := range services {
		for _, node := range service.Nodes {
			nodes = append(nodes, peer.Node{
				ID: node.Id, Address: node.Address, Version: service.Version, Metadata: node.Metadata,
			})
		}
	}
	if err == registry.ErrNotFound {
		return nil, nil
	}
	return nodes, err
}

func (*caller) WithHeaders(ctx context.Context, headers map[string]string) context.Context {
	// A copy: publishing adds to it.
	own := make(metadata.Metadata)
	for name, value := range headers {
		own[name] = value
	}
	return metadata.NewContext(ctx, own)
}
