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

/**
 * The client of a peer. All peers answer the same questions with the same JSON; what a peer cannot do it leaves out, and the
 * scenarios that need it show no number for it.
 */
export interface PeerClient {
  /** `{ name }` there, `{ greeting: 'Hello …' }` back. */
  call(name: string): PromiseLike<unknown>
  /** `{ payload }` there and back. */
  echo(payload: string): PromiseLike<unknown>
  /** One request, `count` messages of 100 bytes back; resolves with how many came. */
  serverStream?(count: number): Promise<number>
  /** `count` messages of 100 bytes there, each sent back; resolves with how many came. */
  bidi?(count: number): Promise<number>
  /** One event of 100 bytes to 1 or to 8 subscribers; resolves when all have taken it. */
  publish?(subscribers: 1 | 8): PromiseLike<unknown>
  /** How many connections are open, where the peer knows. */
  connections?(): Promise<number>
  close(): Promise<void>
}

/** One thing that is measured: a runtime with the transport that it uses. One file in this folder each. */
export interface Peer {
  /** What it is, in one line. */
  readonly about: string
  serve(run: Run): Promise<PeerServer>
  connect(run: Run, address: string): Promise<PeerClient>
}

/** The text of a stream's message and of an event: 100 bytes with the JSON around it. */
export const hundredBytes = 'x'.repeat(100 - '{"text":""}'.length)
