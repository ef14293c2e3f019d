import { defer, mergeMap, of, repeat, timer, type Observable } from 'rxjs'
import { fullJitter } from '../../../streams/index.js'
import { goDuration } from '../../../wire/consul/ttl-check.js'
import type { Agents } from './agents.js'
import type { ResolvedConsulOptions } from './options.js'
import type { AgentAnswer, Call, CallOptions } from './request.js'
import type Consul from 'consul'

/** What a blocking query adds to the options of a call; empty for a question that is answered at once. */
export interface Blocking {
  readonly index?: string
  readonly wait?: string
}

/** A question that can be asked again and again. */
export interface Query<T> {
  readonly what: string
  call(client: Consul, options: CallOptions & Blocking): Promise<unknown>
  /**
   * What an answer means. `gap`: changes may have been missed since the last one: it is the first, another agent gave it, or the index went
   * backwards. An empty list says that nothing is new.
   */
  read(answer: AgentAnswer, gap: boolean): readonly T[]
}

const firstPauseMs = 25
/** An agent adds up to a sixteenth to the time that it was asked to wait. */
const waitFactor = 17 / 16

/**
 * Asks until unsubscribed: each question waits at the agent until something has changed. Cold; emits what the answers mean. Errors when no agent answers. An
 * agent that answers early without news is asked again with growing pauses, at most `maxPauseMs`.
 */
export function followQuery<T>(
  agents: Agents,
  options: ResolvedConsulOptions,
  query: Query<T>,
): Observable<T> {
  return defer(() => {
    const turns = new Turns(options)
    const { timeoutMs, waitMs } = options
    const once = agents.use(query.what, address => {
      const blocking = turns.next(address)
      const limitMs = blocking.index === undefined ? timeoutMs : waitMs * waitFactor + timeoutMs
      const call: Call = (client, common) => query.call(client, { ...common, ...blocking })
      return agents.askAt(address, { what: query.what, call, timeoutMs: limitMs })
    })
    return once.pipe(
      mergeMap(answer => {
        const { gap, same } = turns.take(answer)
        const news = same ? [] : query.read(answer, gap)
        turns.pause(news.length > 0)
        return news
      }),
      repeat({ delay: () => (turns.pauseMs > 0 ? timer(turns.pauseMs, options.clock.scheduler) : of(0)) }),
    )
  })
}

/** Where a sequence of blocking queries stands. */
class Turns {
  private last: Pick<AgentAnswer, 'index' | 'address'> | undefined
  private askedAt = 0
  private blocked = false
  private idle = 0
  pauseMs = 0

  constructor(private readonly options: ResolvedConsulOptions) {}

  /** The options of the next question to `address`. An index of one agent says nothing to another. */
  next(address: string): Blocking {
    const { clock, waitMs } = this.options
    this.askedAt = clock.scheduler.now()
    const index = this.last?.address === address ? this.last.index : undefined
    this.blocked = index !== undefined
    return index === undefined ? {} : { index: String(index), wait: goDuration(waitMs) }
  }

  /** Remembers an answer. `same`: the agent has waited, or should have, and nothing changed. */
  take({ index, address }: AgentAnswer): { readonly gap: boolean; readonly same: boolean } {
    const { last } = this
    const backwards = index !== undefined && last?.index !== undefined && index < last.index
    const gap = last === undefined || last.address !== address || backwards
    const same = !gap && index !== undefined && index === last.index
    // After a step backwards the next question must be answered at once: the new state may have been reached already.
    this.last = { index: backwards ? undefined : index, address }
    return { gap, same }
  }

  /** Decides how long to wait before the next question. */
  pause(news: boolean): void {
    const { clock, waitMs, maxPauseMs } = this.options
    const early = clock.scheduler.now() - this.askedAt < waitMs / 2
    this.idle = news || (this.blocked && !early) ? 0 : this.idle + 1
    const limits = { baseMs: firstPauseMs, maxMs: maxPauseMs }
    this.pauseMs = this.idle === 0 ? 0 : fullJitter(this.idle, limits, clock.random)
  }
}
