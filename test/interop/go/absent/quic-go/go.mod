module absent/quic-go

go 1.19
