package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/micro/go-micro"
	"github.com/micro/go-micro/client"
	"github.com/micro/go-micro/metadata"
	"github.com/micro/go-micro/registry"
	debug "github.com/micro/go-micro/server/debug/proto"

	"peer"
)

// caller carries out the commands with the client of go-micro.
type caller struct {
	service  micro.Service
	registry registry.Registry

	lock sync.Mutex
	// clients has one client for each content type: it is an option of the client.
	clients map[string]client.Client
}

func (c *caller) client(contentType string) client.Client {
	c.lock.Lock()
	defer c.lock.Unlock()
	if known, ok := c.clients[contentType]; ok {
		return known
	}
	options := c.service.Client().Options()
	made := client.NewClient(
		client.ContentType(contentType),
		client.Registry(options.Registry),
		client.Selector(options.Selector),
		client.Broker(options.Broker),
		client.Transport(options.Transport),
	)
	if c.clients == nil {
		c.clients = make(map[string]client.Client)
	}
	c.clients[contentType] = made
	return made
}

func (c *caller) Call(ctx context.Context, command *peer.Command, req, rsp interface{}) error {
	caller := c.client(command.ContentType)
	request := caller.NewRequest(command.Service, command.Endpoint, req)
	if command.Address != "" {
		// This one does not look at the deadline of its context for what it tells the server.
		return caller.CallRemote(ctx, command.Address, request, rsp, requestTimeout(command)...)
	}
	return caller.Call(ctx, request, rsp)
}

func requestTimeout(command *peer.Command) []client.CallOption {
	if command.TimeoutMs == 0 {
		return nil
	}
	return []client.CallOption{client.WithRequestTimeout(time.Duration(command.TimeoutMs) * time.Millisecond)}
}

func (c *caller) Stream(ctx context.Context, command *peer.Command) (peer.Stream, error) {
	caller := c.client(command.ContentType)
	request := caller.NewRequest(command.Service, command.Endpoint, new(peer.Value))
	if command.Address != "" {
		return caller.StreamRemote(ctx, command.Address, request)
	}
	return caller.Stream(ctx, request)
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
	caller := c.client(command.ContentType)
	return caller.Publish(ctx, caller.NewPublication(command.Topic, message))
}

func (c *caller) Nodes(name string) ([]peer.Node, error) {
	services, err := c.registry.GetService(name)
	var nodes []peer.Node
	for _, service := range services {
		for _, node := range service.Nodes {
			nodes = append(nodes, peer.Node{
				ID:       node.Id,
				Address:  fmt.Sprintf("%s:%d", node.Address, node.Port),
				Version:  service.Version,
				Metadata: node.Metadata,
			})
		}
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
