import {
  ServiceError,
  type IncomingCall,
  type Message,
  type ReplySink,
  type ServedCall,
} from '../../../streams/index.js'
import { Batch, type Later } from './batch.js'
import { copyOf } from './copy.js'

/** Serves a call that came without a channel. */
export type Serve = (call: IncomingCall) => ServedCall

/** The calls of one connection that have no channel: one message there in a later turn, one back in another. */
export class DirectCalls {
  private readonly calls: DirectCall[] = []
  private readonly requests: Batch<DirectCall>
  private readonly replies: Batch<DirectCall>

  constructor(
    private readonly client: string,
    private readonly later: Later,
    private readonly freed: () => void,
  ) {
    this.requests = new Batch(later, call => call.begin())
    this.replies = new Batch(later, call => call.end())
  }

  /** How many are under way. */
  get size(): number {
    return this.calls.length
  }

  /** Begins one. What is returned cancels it. */
  add(message: Message, serve: Serve, sink: ReplySink): () => void {
    const call = new DirectCall(this.client, copyOf(message), serve, sink, this)
    call.place = this.calls.length
    this.calls.push(call)
    this.requests.push(call)
    return () => call.cancel()
  }

  /** All that are under way fail; who serves them hears of it in a later turn. */
  abort(error: ServiceError): void {
    for (const call of [...this.calls]) call.fail(error)
  }

  /** For {@link DirectCall}: it has its answer. */
  answered(call: DirectCall): void {
    this.replies.push(call)
  }

  /** For {@link DirectCall}: nobody waits for it any more, who serves it must hear of it. */
  stop(served: ServedCall, reason: ServiceError): void {
    this.later(() => served.cancel(reason))
  }

  /** For {@link DirectCall}: its place is free. */
  free(call: DirectCall): void {
    // An array and not a Set: a Set whose entries come and go keeps those that have gone alive for long.
    const last = this.calls.pop()
    if (last !== undefined && last !== call) {
      this.calls[call.place] = last
      last.place = call.place
    }
    this.freed()
  }
}

class DirectCall implements IncomingCall {
  place = 0
  private phase: 'waiting' | 'served' | 'answered' | 'over' = 'waiting'
  private served: ServedCall | undefined
  private reply: Message | undefined

  constructor(
    readonly peer: string,
    readonly message: Message,
    private readonly serve: Serve,
    private readonly sink: ReplySink,
    private readonly owner: DirectCalls,
  ) {}

  /** Reaches the server. */
  begin(): void {
    if (this.phase !== 'waiting') return
    this.phase = 'served'
    this.served = this.serve(this)
  }

  answer(message: Message): void {
    if (this.phase !== 'served') return
    this.phase = 'answered'
    this.reply = copyOf(message)
    this.owner.answered(this)
  }

  /** Its answer reaches the client. */
  end(): void {
    const { reply } = this
    if (this.phase !== 'answered' || reply === undefined) return
    this.leave()
    this.sink.reply(reply)
  }

  cancel(): void {
    if (this.phase === 'over') return
    this.giveUp(new ServiceError('cancelled', `${this.peer} has cancelled the call`))
  }

  fail(error: ServiceError): void {
    const sent = this.phase !== 'waiting'
    this.giveUp(error)
    this.sink.fail(error, sent)
  }

  private giveUp(reason: ServiceError): void {
    const { served } = this
    if (this.phase === 'served' && served !== undefined) this.owner.stop(served, reason)
    this.leave()
  }

  private leave(): void {
    this.phase = 'over'
    this.owner.free(this)
  }
}
