import {
  EMPTY,
  catchError,
  concat,
  defer,
  from,
  ignoreElements,
  mergeMap,
  tap,
  throwError,
  type Observable,
} from 'rxjs'
import {
  ServiceError,
  checkService,
  type NodeRecord,
  type RegisterOptions,
  type ServiceRecord,
} from '../../../streams/index.js'
import type { Compression } from '../../../wire/compression.js'
import { isRefusal } from './agent-error.js'
import type { Agents } from './agents.js'
import { registrationBody, type RegistrationBody } from './registration-body.js'
import type { Call } from './request.js'

/** What this handle has registered of a node. */
interface Placed {
  readonly service: string
  /** The agents that hold it, each with what it was told last; `undefined` while that is not known. */
  readonly at: Map<string, string | undefined>
}

/** What registrations work with. */
export interface RegistrationParts {
  readonly agents: Agents
  readonly compression: Compression
  readonly timeoutMs: number
  readonly concurrency: number
  readonly onNotice: (text: string) => void
}

/** The nodes that one handle has put in. An agent that holds a node already, unchanged, is only told that it is alive. */
export class Registrations {
  private readonly placed = new Map<string, Placed>()

  constructor(private readonly parts: RegistrationParts) {}

  /** Puts the nodes in, one after the other. Contract as for a registry's `register`. */
  register(service: ServiceRecord, options: RegisterOptions | undefined): Observable<never> {
    return defer(() => {
      checkService('consul registry', service, options)
      return concat(...service.nodes.map(node => this.place(service, node, options?.ttlMs)))
    })
  }

  /** Takes the nodes out. Contract as for a registry's `deregister`. */
  deregister({ name, nodes }: ServiceRecord): Observable<never> {
    return concat(...nodes.map(({ id }) => this.remove(name, id)))
  }

  /** Takes out all that is still in; what fails is a notice. */
  removeAll(): Observable<never> {
    const { concurrency, onNotice } = this.parts
    return from([...this.placed]).pipe(
      mergeMap(
        ([id, { service }]) =>
          this.remove(service, id).pipe(
            catchError((error: unknown) => {
              onNotice(`node ${id} stays until its time is over: ${ServiceError.from(error).message}`)
              return EMPTY
            }),
          ),
        concurrency,
      ),
    )
  }

  private place(service: ServiceRecord, node: NodeRecord, ttlMs: number | undefined): Observable<never> {
    return defer(() => {
      const body = registrationBody(service, node, ttlMs, this.parts.compression)
      const text = JSON.stringify(body)
      const at = this.placedAt(service.name, node.id)
      return this.parts.agents.use(`register ${node.id}`, address => {
        if (ttlMs === undefined || at.get(address) !== text) return this.put(address, at, body, text)
        return this.pass(address, node.id).pipe(
          // The agent does not know the check any more, for whatever reason: it is told everything.
          catchError((error: unknown) =>
            isRefusal(error) ? this.put(address, at, body, text) : throwError(() => error),
          ),
        )
      })
    })
  }

  private put(
    address: string,
    at: Map<string, string | undefined>,
    body: RegistrationBody,
    text: string,
  ): Observable<never> {
    at.set(address, undefined) // from here on the agent may hold it, whatever the answer is
    const registering = this.ask(address, `register ${body.id}`, (client, call) =>
      client.agent.service.register({ ...body, ...call }),
    )
    const passing = body.check === undefined ? EMPTY : this.pass(address, body.id)
    return concat(registering, passing).pipe(tap({ complete: () => at.set(address, text) }))
  }

  private pass(address: string, id: string): Observable<never> {
    return this.ask(address, `pass the check of ${id}`, (client, call) =>
      client.agent.check.pass({ id: `service:${id}`, ...call }),
    )
  }

  /** From every agent that was told of it; where none was, from the one that is asked first. */
  private remove(service: string, id: string): Observable<never> {
    return defer(() => {
      const { agents } = this.parts
      const placed = this.placed.get(id)
      // The id is with another service by now: that one stays.
      if (placed !== undefined && placed.service !== service) return EMPTY
      const removeFrom = (address: string) => this.removeAt(address, id)
      if (placed === undefined) return agents.use(`deregister ${id}`, removeFrom)
      const all = [...placed.at.keys()].map(address =>
        removeFrom(address).pipe(tap({ complete: () => placed.at.delete(address) })),
      )
      return allInTurn(all).pipe(tap({ complete: () => this.placed.delete(id) }))
    })
  }

  private removeAt(address: string, id: string): Observable<never> {
    return this.ask(address, `deregister ${id}`, (client, call) =>
      client.agent.service.deregister({ id, ...call }),
    ).pipe(catchError((error: unknown) => (isUnknown(error) ? EMPTY : throwError(() => error))))
  }

  private ask(address: string, what: string, call: Call): Observable<never> {
    const { agents, timeoutMs } = this.parts
    return agents.askAt(address, { what, call, timeoutMs }).pipe(ignoreElements())
  }

  private placedAt(service: string, id: string): Map<string, string | undefined> {
    const known = this.placed.get(id)
    const at = known?.at ?? new Map<string, string | undefined>()
    if (known?.service !== service) this.placed.set(id, { service, at })
    return at
  }
}

/** Runs all of them, one after the other, and fails with the first failure when the last is done: an agent that is gone spares no other. */
function allInTurn(operations: readonly Observable<never>[]): Observable<never> {
  return defer(() => {
    const failures: unknown[] = []
    const attempts = operations.map(operation =>
      operation.pipe(
        catchError((error: unknown) => {
          failures.push(error)
          return EMPTY
        }),
      ),
    )
    const outcome = defer(() => (failures.length === 0 ? EMPTY : throwError(() => failures[0])))
    return concat(...attempts, outcome)
  })
}

/** Newer agents refuse to take out what they do not have; that is no error. */
function isUnknown(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isRefusal(error)) return false
  return error.kind === 'not_found' || /unknown service/i.test(error.message)
}
