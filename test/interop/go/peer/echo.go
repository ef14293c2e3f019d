package peer

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Pipe is what the stream types of both generations have in common.
type Pipe interface {
	Send(interface{}) error
	Recv(interface{}) error
}

// Echo has the unary methods of the service Echo. A program embeds it in a type of that name and adds the methods with streams, whose
// parameter is a type of its generation.
type Echo struct {
	// Headers are those of the request that the context belongs to.
	Headers func(context.Context) map[string]string
	// NewError makes an error of go-micro.
	NewError func(id, detail string, code int32) error
}

// Say answers what it is asked.
func (Echo) Say(_ context.Context, req *Value, rsp *Value) error {
	*rsp = *req
	return nil
}

// Nothing answers the message without fields.
func (Echo) Nothing(context.Context, *Nothing, *Nothing) error { return nil }

// Fail fails with the code that the request has as its number, or with a plain text when it has none.
func (e Echo) Fail(_ context.Context, req *Value, _ *Value) error {
	if req.Number == 0 {
		return errors.New(req.Text)
	}
	return e.NewError("interop", req.Text, int32(req.Number))
}

// Slow answers after as many milliseconds as the request says, whether somebody still waits for it or not.
func (Echo) Slow(_ context.Context, req *Value, rsp *Value) error {
	time.Sleep(time.Duration(req.Number) * time.Millisecond)
	rsp.Text = "done"
	return nil
}

// Deadline answers how many milliseconds are left until the deadline of the request, or 0 when it has none.
func (Echo) Deadline(ctx context.Context, _ *Value, rsp *Value) error {
	if deadline, ok := ctx.Deadline(); ok {
		rsp.Number = time.Until(deadline).Milliseconds()
	}
	return nil
}

// Header answers the value of the header that the request names.
func (e Echo) Header(ctx context.Context, req *Value, rsp *Value) error {
	rsp.Text = e.Headers(ctx)[req.Text]
	return nil
}

// Who answers the id of this process.
func (Echo) Who(_ context.Context, _ *Nothing, rsp *Value) error {
	rsp.Number = int64(os.Getpid())
	return nil
}

// ServeTalk answers each request as it comes, until the client ends.
func ServeTalk(stream Pipe) error {
	for {
		req := new(Value)
		if err := stream.Recv(req); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.Send(req); err != nil {
			return err
		}
	}
}

// ServeCount answers 1, 2, 3 up to the number of the request.
func ServeCount(stream Pipe) error {
	req := new(Value)
	if err := stream.Recv(req); err != nil {
		return err
	}
	for number := int64(1); number <= req.Number; number++ {
		if err := stream.Send(&Value{Number: number}); err != nil {
			return err
		}
	}
	return nil
}

// ServeBreak counts like ServeCount and fails then with the error.
func ServeBreak(stream Pipe, broken error) error {
	if err := ServeCount(stream); err != nil {
		return err
	}
	return broken
}

// ServeLate takes requests until the client ends, and answers as many milliseconds later as the first of them says: one answer for each.
func ServeLate(stream Pipe) error {
	var requests []*Value
	for {
		req := new(Value)
		if err := stream.Recv(req); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		requests = append(requests, req)
	}
	if len(requests) > 0 {
		time.Sleep(time.Duration(requests[0].Number) * time.Millisecond)
	}
	for _, req := range requests {
		if err := stream.Send(req); err != nil {
			return err
		}
	}
	return nil
}

// ServeChatter sends 1, 2, 3 while it waits for a request, and ends when one comes. A stream that cannot send while it
// receives sends nothing.
func ServeChatter(stream Pipe) error {
	heard := make(chan error, 1)
	go func() { heard <- stream.Recv(new(Value)) }()
	time.Sleep(50 * time.Millisecond)
	for number := int64(1); number <= 3; number++ {
		if err := stream.Send(&Value{Number: number}); err != nil {
			return err
		}
	}
	return <-heard
}
