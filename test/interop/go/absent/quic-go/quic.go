// Package quic stands in for quic-go, whose version of that time ends every program that is built with a newer Go as soon as it starts.
// The tests use no QUIC; go-micro's transport of that name only has to compile.
package quic

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

var errAbsent = errors.New("QUIC is not built into this program")

// Config has the options that go-micro sets.
type Config struct {
	IdleTimeout time.Duration
	KeepAlive   bool
}

// Stream is a stream of a session.
type Stream interface{ net.Conn }

// Session is a connection.
type Session interface {
	AcceptStream(context.Context) (Stream, error)
	OpenStreamSync(context.Context) (Stream, error)
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
	Close() error
}

// Listener accepts sessions.
type Listener interface {
	Accept(context.Context) (Session, error)
	Addr() net.Addr
	Close() error
}

// DialAddr fails.
func DialAddr(string, *tls.Config, *Config) (Session, error) { return nil, errAbsent }

// ListenAddr fails.
func ListenAddr(string, *tls.Config, *Config) (Listener, error) { return nil, errAbsent }
