import { ServiceError, type Link, type NodeRecord } from '../../../streams/index.js'
import { readAnswer, toSubscription } from '../../../wire/broker-mux.js'
import type { DeliveryLinks } from './delivery-links.js'
import type { Dispatch, Lane } from './lane.js'
import type { PostOutcome } from './post.js'

/** The way to one node over the fast lane: each message is a call, so many of them unanswered. */
export class SharedLane implements Lane {
  private pending = 0
  private bytes = 0
  /** What waits for the connection. */
  private waiting: Dispatch[] = []

  constructor(
    private readonly links: DeliveryLinks,
    private readonly changed: () => void,
  ) {}

  hasRoom(_node: NodeRecord): boolean {
    const { pipelining, pipelinedBytes } = this.links
    return this.pending === 0 || (this.pending < pipelining && this.bytes < pipelinedBytes)
  }

  send(dispatch: Dispatch): void {
    const { node, outgoing } = dispatch
    this.pending += 1
    this.bytes += outgoing.message.body.byteLength
    const link = this.links.ready(node)
    if (link !== undefined && this.waiting.length === 0) return this.call(link, dispatch)
    this.waiting.push(dispatch)
    if (this.waiting.length > 1) return
    this.links.use(node, {
      ready: made => {
        for (const waiting of this.waiting.splice(0)) this.call(made, waiting)
      },
      failed: (error, refused) => this.failWaiting({ kind: refused ? 'unsent' : 'missed', error }),
    })
  }

  private call(link: Link, dispatch: Dispatch): void {
    const { node, outgoing } = dispatch
    if (link.room === 0) {
      const full = new ServiceError('unavailable', `the connection to ${link.peer} takes nothing more`)
      return this.finish(dispatch, { kind: 'unsent', error: full })
    }
    link.request(toSubscription(node.id, outgoing.message), {
      reply: answer => this.finish(dispatch, outcomeOf(readAnswer(answer), node)),
      fail: (error, sent) => {
        if (sent) this.finish(dispatch, { kind: 'unanswered', error: mayHaveIt(node, error) })
        else this.finish(dispatch, { kind: link.room === 0 ? 'unsent' : 'missed', error })
      },
    })
  }

  private finish(dispatch: Dispatch, outcome: PostOutcome): void {
    this.settle(dispatch, outcome)
    this.changed()
  }

  /** The newest first, as they are put back before one another; and only then others may follow. */
  private failWaiting(outcome: PostOutcome): void {
    for (const dispatch of this.waiting.splice(0).reverse()) this.settle(dispatch, outcome)
    this.changed()
  }

  private settle({ outgoing, done }: Dispatch, outcome: PostOutcome): void {
    this.pending -= 1
    this.bytes -= outgoing.message.body.byteLength
    done(outcome)
  }
}

function outcomeOf({ kind, error }: ReturnType<typeof readAnswer>, { id, address }: NodeRecord): PostOutcome {
  if (kind === 'handled') return { kind: 'answered', ...(error === undefined ? {} : { error }) }
  const detail = `'${id}' at ${address} refused the message: ${error?.detail ?? 'it does not say why'}`
  if (kind === 'gone')
    return { kind: 'missed', error: new ServiceError('unavailable', detail, { cause: error }) }
  return { kind: 'answered', error: new ServiceError('resource_exhausted', detail, { cause: error }) }
}

function mayHaveIt({ id, address }: NodeRecord, cause: ServiceError): ServiceError {
  const detail = `'${id}' at ${address} may have the message, but the connection ended without an answer: ${cause.detail}`
  return new ServiceError('unavailable', detail, { cause })
}
