import type { Context, Flow, Service, ServiceMiddleware } from 'headrace'
import { ServiceError } from 'headrace'
import type { ExchangeSubject, Item } from './subject.js'

/** What a test looks at on the server's side. */
export interface ServerNotes {
  readonly contexts: Context[]
  /** How many values the handler of `count` was asked for. */
  asked: number
  /** How often a handler was told that nobody waits any more. */
  cancelled: number
  /** Called at each change. */
  changed: () => void
}

/** Starts the test service, and a client service beside it. */
export async function startPair(
  subject: ExchangeSubject,
  middleware: { server?: ServiceMiddleware; client?: ServiceMiddleware } = {},
) {
  const notes: ServerNotes = { contexts: [], asked: 0, cancelled: 0, changed: () => undefined }
  const server = subject.makeService('test', middleware.server)
  addHandlers(server, subject, notes)
  await server.start()
  const caller = subject.makeService('caller', middleware.client)
  const client = caller.client(subject.definition, 'test')
  return { server, caller, client, notes, options: { contentType: subject.contentType } }
}

function addHandlers(server: Service, { definition }: ExchangeSubject, notes: ServerNotes): void {
  server.handle(definition, {
    echo: (request, context) => {
      notes.contexts.push(context)
      if (request.text === 'fail') throw failure()
      return request.text === 'wait' ? untilCancelled(context, notes) : request
    },
    count: function* (request) {
      try {
        for (let n = 0; n < request.n; n += 1) {
          notes.asked += 1
          yield { text: request.text, n }
        }
        if (request.text === 'fail') throw failure()
      } finally {
        if (notes.asked < request.n) notes.cancelled += 1
        notes.changed()
      }
    },
    sum: async requests => total(requests),
    talk: requests => requests,
  })
}

function failure(): ServiceError {
  return new ServiceError('conflict', 'as it was told', { id: 'test.handler' })
}

function untilCancelled({ signal }: Context, notes: ServerNotes): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      notes.cancelled += 1
      notes.changed()
      reject(failure())
    })
    notes.changed()
  })
}

async function total(requests: Flow<Item>): Promise<Item> {
  const sum: Item = { text: '', n: 0 }
  for await (const { text, n } of requests) {
    sum.text += text
    sum.n += n
  }
  return sum
}

/** Resolves when `reached` is true, looking at each change of the notes. */
export function until(notes: ServerNotes, reached: () => boolean): Promise<void> {
  return new Promise(resolve => {
    notes.changed = () => {
      if (reached()) resolve()
    }
    notes.changed()
  })
}
