import { catchError, defer, from, mergeMap, throwError, type Observable } from 'rxjs'
import { ServiceError } from '../../../streams/index.js'
import { mayPass } from './agent-error.js'
import { loadConsul, type ConsulLibrary } from './library.js'
import type { ResolvedConsulOptions } from './options.js'
import { sendRequest, type AgentAnswer, type AgentRequest, type Call } from './request.js'

/** The agents that stand in for each other: the one that answered last is asked first, the others in turn when it fails. */
export class Agents {
  private current = 0
  private readonly library: Observable<ConsulLibrary>

  constructor(
    private readonly options: ResolvedConsulOptions,
    load: () => Promise<ConsulLibrary> = loadConsul,
  ) {
    this.library = defer(() => from(load()))
  }

  /**
   * Asks one agent after the other until one answers. Cold; emits the answer and completes. Errors as {@link agentError} says when an agent refused for good;
   * `unavailable` that names all of them when none could answer.
   */
  ask(what: string, call: Call, timeoutMs = this.options.timeoutMs): Observable<AgentAnswer> {
    return this.use(what, address => this.askAt(address, { what, call, timeoutMs }))
  }

  /** Asks one agent, and no other. */
  askAt(address: string, request: AgentRequest): Observable<AgentAnswer> {
    return this.library.pipe(mergeMap(library => sendRequest(library, this.options, address, request)))
  }

  /** Does `operation` with one agent after the other until one can. Contract as for {@link ask}. */
  use<T>(what: string, operation: (address: string) => Observable<T>): Observable<T> {
    const { addresses } = this.options
    const attempt = (turn: number, failures: readonly ServiceError[]): Observable<T> => {
      const address = addresses[turn % addresses.length] ?? ''
      return operation(address).pipe(
        catchError((error: unknown) => {
          if (!mayPass(error)) return throwError(() => error)
          const all = [...failures, ServiceError.from(error)]
          this.leave(turn)
          return all.length < addresses.length ? attempt(turn + 1, all) : throwError(() => noAgent(what, all))
        }),
      )
    }
    return this.library.pipe(mergeMap(() => attempt(this.current, [])))
  }

  /** The next agent is asked first, unless another request has moved on already. */
  private leave(turn: number): void {
    const { length } = this.options.addresses
    if (turn % length === this.current) this.current = (turn + 1) % length
  }
}

function noAgent(what: string, failures: readonly ServiceError[]): ServiceError {
  const [only, another] = failures
  if (only !== undefined && another === undefined) return only
  const text = failures.map(({ message }) => message).join('; ')
  return new ServiceError('unavailable', `consul registry: ${what}: no agent could answer: ${text}`, {
    cause: failures,
  })
}
