module v2017

go 1.19

require (
	github.com/golang/protobuf v1.3.2
	github.com/hashicorp/consul v1.2.3
	github.com/micro/cli v0.2.0
	github.com/micro/go-log v0.1.0
	github.com/micro/go-micro v0.1.0
	github.com/micro/mdns v0.1.0
	github.com/micro/misc v0.1.0
	github.com/mitchellh/hashstructure v1.0.0
	github.com/pborman/uuid v1.2.0
	peer v0.0.0
)

require (
	github.com/armon/go-metrics v0.0.0-20180917152333-f0300d1749da // indirect
	github.com/go-log/log v0.1.0 // indirect
	github.com/google/uuid v1.0.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.1 // indirect
	github.com/hashicorp/go-immutable-radix v1.0.0 // indirect
	github.com/hashicorp/go-rootcerts v1.0.0 // indirect
	github.com/hashicorp/golang-lru v0.5.0 // indirect
	github.com/hashicorp/serf v0.8.2 // indirect
	github.com/miekg/dns v1.1.3 // indirect
	github.com/mitchellh/mapstructure v1.1.2 // indirect
	golang.org/x/crypto v0.0.0-20191108234033-bd318be0434a // indirect
	golang.org/x/net v0.0.0-20191109021931-daa7c04131f5 // indirect
	golang.org/x/sys v0.0.0-20191008105621-543471e840be // indirect
)

replace peer => ../peer
