// Package peer is what the programs on both generations of go-micro share: the messages of interop.proto, the service Echo, and the
// commands that a test sends on stdin.
package peer

import "encoding/json"

// Value is the message Value of interop.proto. The tags are those that protoc-gen-go writes, so both generations of the protobuf
// library read it without generated code.
type Value struct {
	Text   string   `protobuf:"bytes,1,opt,name=text,proto3" json:"text,omitempty"`
	Number int64    `protobuf:"varint,2,opt,name=number,proto3" json:"number,omitempty"`
	Data   []byte   `protobuf:"bytes,3,opt,name=data,proto3" json:"data,omitempty"`
	Words  []string `protobuf:"bytes,4,rep,name=words,proto3" json:"words,omitempty"`
	Flag   bool     `protobuf:"varint,5,opt,name=flag,proto3" json:"flag,omitempty"`
	Ratio  float64  `protobuf:"fixed64,6,opt,name=ratio,proto3" json:"ratio,omitempty"`
}

// Nothing is the message Nothing of interop.proto, which has no fields.
type Nothing struct{}

func (m *Value) Reset()         { *m = Value{} }
func (m *Value) String() string { return text(m) }
func (*Value) ProtoMessage()    {}

func (m *Nothing) Reset()         { *m = Nothing{} }
func (m *Nothing) String() string { return text(m) }
func (*Nothing) ProtoMessage()    {}

func text(message interface{}) string {
	bytes, err := json.Marshal(message)
	if err != nil {
		return err.Error()
	}
	return string(bytes)
}
