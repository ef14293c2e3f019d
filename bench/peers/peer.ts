/** What both processes of a peer are told of the run that they belong to. */
export interface Run {
  /** A name that no other run has: peers that find each other by name use it. */
  readonly name: string
}

/** The server of a peer, serving. */
interface PeerServer {
  /** Where clients find it; what this means is the peer's own affair. */
  readonly address: string
  close(): Promise<void>
}

/** How many subscribers an event has. */
export type Subscribers = 1 | 8

/** Streams of messages of 100 bytes. Both resolve with how many came back. */
export interface Streams {
  /** One request, `count` messages back. */
  serverStream(count: number): Promise<number>
  /** `count` messages there, each sent back. */
  bidi?(count: number): Promise<number>
}

/**
 * The client of a peer. All peers answer the same questions with the same values (bench.proto); what a peer cannot do it leaves out, and
 * the scenarios that need it show no number for it.
 */
export interface PeerClient extends Partial<Streams> {
  /** `{ name }` there, `{ greeting: 'Hello …' }` back. */
  call(name: string): PromiseLike<{ readonly greeting?: string }>
  /** `{ payload }` there and back. */
  echo(payload: string): PromiseLike<unknown>
  /** The streams again, read with `for await`, where reading them so is another way. */
  readonly iterated?: Streams
  /** One event of 100 bytes; resolves when all subscribers have taken it. */
  publish?(subscribers: Subscribers): PromiseLike<unknown>
  /** `count` events of 100 bytes one after another; resolves when all subscribers have taken all of them. */
  publishMany?(subscribers: Subscribers, count: number): Promise<unknown>
  /** Opens so many streams, exchanges one message on each, and leaves them open. */
  openStreams?(count: number): Promise<unknown>
  /** How many connections are open, where the peer knows. */
  connections?(): Promise<number>
  close(): Promise<void>
}

/** One thing that is measured: a runtime with the transport that it uses. One file in this folder each. */
export interface Peer {
  /** What it is, in one line. */
  readonly about: string
  /** Why it cannot run on this machine, if so. */
  missing?(): string | undefined
  serve(run: Run): Promise<PeerServer>
  connect(run: Run, address: string): Promise<PeerClient>
}

/** The text of a stream's message and of an event: 100 bytes with the two of a protobuf field before it. */
export const hundredBytes = 'x'.repeat(98)
