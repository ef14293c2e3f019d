import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  take,
  throwError,
} from 'rxjs'
import {
  ServiceError,
  mapDelivery,
  type Channel,
  type Delivery,
  type ErrorKind,
  type Link,
  type Message,
  type ReplySink,
} from 'headrace/streams'
import { reading, type Plants } from './transport-plants.js'

const textOf = ({ body }: Message) => (body.byteLength > 100 ? '' : Buffer.from(body).toString())
const retold = (kind: ErrorKind, error: ServiceError) => new ServiceError(kind, error.message)

/** Changes what sinks hear. */
const answering = (change: (sink: ReplySink, link: Link) => ReplySink): Plants => ({
  link: sound => ({ request: (message, sink) => sound.request(message, change(sink, sound)) }),
})

/** Changes the replies. */
const replying = (change: (reply: Message) => Message): Plants =>
  answering(sink => ({ ...bound(sink), reply: reply => sink.reply(change(reply)) }))

const bound = (sink: ReplySink): ReplySink => ({
  reply: reply => sink.reply(reply),
  fail: (error, sent) => sink.fail(error, sent),
})

/** Changes the messages that one side receives. */
const received = (
  side: 'clientChannel' | 'serverChannel',
  change: (message: Message) => Message,
): Plants => ({
  [side]: (sound: Channel) => ({
    incoming: reading(sound.incoming, (delivery, pass) =>
      pass(mapDelivery(delivery, change(delivery.value))),
    ),
  }),
})

/** Another kind for some errors of dial or listen. */
const failing = (
  operation: 'dial' | 'listen',
  fits: (error: ServiceError) => boolean,
  kind: ErrorKind,
): Plants => ({
  transport: sound => ({
    [operation]: (address: string) =>
      (sound[operation](address) as Observable<never>).pipe(
        catchError((error: ServiceError) => throwError(() => (fits(error) ? retold(kind, error) : error))),
      ),
  }),
})

const firstByteFlipped = ({ headers, body }: Message): Message => {
  const copy = body.slice()
  copy[0] = (copy[0] ?? 0) ^ 1
  return { headers, body: copy }
}

const withText = (headers: Message['headers'], text: string): Message => ({
  headers,
  body: Buffer.from(text),
})

/** One subscriber at a time gets the source, further ones an end. */
function completingSecond<T>(source: Observable<T>): Observable<T> {
  let subscribed = 0
  return defer(() => {
    if (subscribed > 0) return EMPTY
    subscribed += 1
    return source.pipe(finalize(() => (subscribed -= 1)))
  })
}

/** Throws away what a call throws with a given text. */
const swallowing = (text: string): Plants => ({
  clientChannel: sound => ({
    send: message => {
      try {
        sound.send(message)
      } catch (error) {
        if (!(error instanceof ServiceError && error.message.includes(text))) throw error
      }
    },
  }),
  serverChannel: sound => ({
    send: message => {
      try {
        sound.send(message)
      } catch (error) {
        if (!(error instanceof ServiceError && error.message.includes(text))) throw error
      }
    },
  }),
})

/** Messages of 64 KiB wait in a queue without a limit. */
function hoarding(sound: Channel): Partial<Channel> {
  const extra = new Subject<number>()
  const queue: Message[] = []
  let allowed = 0
  const flush = () => {
    for (; allowed > 0 && queue.length > 0; allowed -= 1) sound.send(queue.shift() as Message)
  }
  const demand = new Observable<number>(subscriber => {
    subscriber.add(extra.subscribe(more => subscriber.next(more)))
    sound.demand.subscribe({
      next: more => {
        allowed += more
        flush()
        subscriber.next(more)
      },
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
  const send = (message: Message) => {
    if (message.body.byteLength !== 65_536) {
      allowed -= 1
      return sound.send(message)
    }
    queue.push(message)
    flush()
    queueMicrotask(() => extra.next(1))
  }
  return { demand, send }
}

/** After `end`, what comes beyond 1,100 messages is lost. */
function deafAfterEnd(sound: Channel): Partial<Channel> {
  let ended = false
  const incoming = defer(() =>
    ended ? sound.incoming.pipe(take(1100)) : cutWhen(sound.incoming, () => ended),
  )
  const end = () => {
    ended = true
    sound.end()
  }
  return { incoming, end }
}

function cutWhen(
  incoming: Observable<Delivery<Message>>,
  ended: () => boolean,
): Observable<Delivery<Message>> {
  let seen = 0
  return reading(incoming, (delivery, pass) => {
    seen += 1
    if (ended() && seen > 1100) delivery.ack()
    else pass(delivery)
  })
}

/** A message `3` that is the last before the end is lost. */
function forgetful(sound: Channel): Partial<Channel> {
  const incoming = new Observable<Delivery<Message>>(subscriber => {
    let held: Delivery<Message> | undefined
    const release = () => {
      if (held !== undefined) subscriber.next(held)
      held = undefined
    }
    return sound.incoming.subscribe({
      next: delivery => {
        release()
        if (textOf(delivery.value) !== '3') return subscriber.next(delivery)
        held = delivery
        setTimeout(release, 5)
      },
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
  return { incoming }
}

/** The message 2500 comes after the one behind it. */
function overtaking(sound: Channel): Partial<Channel> {
  let held: Delivery<Message> | undefined
  const incoming = reading(sound.incoming, (delivery, pass) => {
    if (textOf(delivery.value) === 'message 2500') {
      held = delivery
      return
    }
    pass(delivery)
    if (held !== undefined) pass(held)
    held = undefined
  })
  return { incoming }
}

/** Whoever subscribes after another has left misses a message. */
function losingBetween(sound: Channel): Partial<Channel> {
  let subscriptions = 0
  const incoming = defer(() => {
    subscriptions += 1
    let skip = subscriptions > 1
    return reading(sound.incoming, (delivery, pass) => {
      if (!skip) return pass(delivery)
      skip = false
      delivery.ack()
    })
  })
  return { incoming }
}

/** The listener takes its channels with it. */
const takingAlong: Plants = {
  transport: sound => ({
    listen: address =>
      defer(() => {
        const channels: Channel[] = []
        return sound.listen(address).pipe(
          filter(event => {
            if (event.kind === 'channel') channels.push(event.channel)
            return true
          }),
          finalize(() => channels.forEach(channel => channel.abort(new ServiceError('unavailable', 'gone')))),
        )
      }),
  }),
}

/** Dials on after the unsubscribe. */
const dialsOn: Plants = {
  transport: sound => ({
    dial: address =>
      new Observable(subscriber => {
        sound.dial(address).subscribe({
          next: link => subscriber.next(link),
          error: error => subscriber.error(error),
          complete: () => subscriber.complete(),
        })
      }),
  }),
}

const beyondRange: Plants = {
  transport: sound => ({
    listen: address => {
      const [, host, from = '', to = ''] = /^(.*):(\d+)-(\d+)$/.exec(address) ?? []
      return sound.listen(host !== undefined && Number(from) < Number(to) ? `${host}:1` : address)
    },
  }),
}

/** The room of a link while a channel of it is open is one too many. */
function roomy(sound: Link): Partial<Link> {
  let open = 0
  return {
    get room() {
      return sound.room + open
    },
    open: () => {
      const channel = sound.open()
      const closed = () => void (open = 0)
      open = 1
      channel.closed.subscribe({ error: closed, complete: closed })
      return channel
    },
  }
}

/** No room while a sink is told. */
function tight(sound: Link): Partial<Link> {
  let telling = false
  return {
    get room() {
      return telling ? 0 : sound.room
    },
    request: (message, sink) =>
      sound.request(message, {
        ...bound(sink),
        reply: reply => {
          telling = true
          sink.reply(reply)
          telling = false
        },
      }),
  }
}

const late = (sound: Channel): Partial<Channel> => ({
  demand: new Observable(subscriber => {
    let first = true
    return sound.demand.subscribe({
      next: more => {
        if (first) setTimeout(() => subscriber.next(more), 0)
        else subscriber.next(more)
        first = false
      },
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  }),
})

const endsLate = (sound: Channel): Partial<Channel> => ({
  demand: new Observable(subscriber =>
    sound.demand.subscribe({
      next: more => subscriber.next(more),
      error: error => subscriber.error(error),
      complete: () => queueMicrotask(() => subscriber.complete()),
    }),
  ),
})

const oneByOne = (sound: Channel): Partial<Channel> => ({
  demand: new Observable(subscriber =>
    sound.demand.subscribe({
      next: more => {
        for (let n = 0; n < more; n += 1) subscriber.next(1)
      },
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  ),
})

const otherError = (sound: Channel): Partial<Channel> => ({
  abort: () => sound.abort(new ServiceError('internal', 'another')),
})

function throwingWhenClosed(sound: Channel): Partial<Channel> {
  let closed = false
  const close = () => void (closed = true)
  sound.closed.subscribe({ error: close, complete: close })
  return {
    send: message => {
      if (closed) throw new ServiceError('internal', 'it is closed')
      sound.send(message)
    },
  }
}

function forgettingEnd(sound: Channel): Partial<Channel> {
  let asked = 0
  return {
    closed: defer(() => {
      asked += 1
      return asked === 1 ? sound.closed : throwError(() => new ServiceError('internal', 'forgotten'))
    }),
  }
}

const bodyOf = (bytes: number) => (message: Message) =>
  message.body.byteLength > bytes ? firstByteFlipped(message) : message

/** For each law of a transport a fault that breaks it, and no other: how the law begins, what the fault does, the fault. */
export const transportFaults: readonly (readonly [law: string, fault: string, plants: Plants])[] = [
  [
    'a listener first says',
    'tells no events of listening',
    { transport: ({ events }) => ({ events: events.pipe(filter(({ kind }) => kind !== 'listening')) }) },
  ],
  [
    'a port that is taken',
    'calls it unavailable',
    failing('listen', ({ kind }) => kind === 'conflict', 'unavailable'),
  ],
  ['of a range of ports', 'binds a port beyond the range', beyondRange],
  [
    'an address that is none',
    'calls it an internal error',
    failing('dial', ({ kind }) => kind === 'bad_request', 'internal'),
  ],
  [
    'dialling where nobody',
    'calls it an internal error',
    failing('dial', ({ message }) => message.includes('nobody'), 'internal'),
  ],
  ['unsubscribing a listener', 'takes the accepted channels along', takingAlong],
  ['unsubscribing during a dial', 'dials on', dialsOn],
  [
    'closing the transport',
    'never completes its events',
    { transport: ({ events }) => ({ events: concat(events, NEVER) }) },
  ],
  ['a reply comes back', 'damages large replies', replying(bodyOf(1_048_576))],
  [
    'headers arrive in both',
    'loses empty headers',
    replying(({ headers: { 'X-Empty': _, ...headers }, body }) => ({ headers, body })),
  ],
  [
    'each request gets its own',
    'gives the reply of another',
    replying(reply =>
      textOf(reply).startsWith('answer to') ? withText(reply.headers, 'answer to 0.0') : reply,
    ),
  ],
  ['a request takes a place', 'frees the place after the sink', { link: tight }],
  [
    'the outcome of a request',
    'tells a reply twice',
    answering(sink => ({
      ...bound(sink),
      reply: reply => {
        sink.reply(reply)
        sink.reply(reply)
      },
    })),
  ],
  [
    'cancelling a request',
    'tells the sink that it was cancelled',
    {
      link: sound => ({
        request: (message, sink) => {
          const cancel = sound.request(message, sink)
          return () => {
            cancel()
            sink.fail(new ServiceError('cancelled', 'cancelled'), true)
          }
        },
      }),
    },
  ],
  [
    'a request that the server drops',
    'says that it was never sent',
    answering(sink => ({ ...bound(sink), fail: error => sink.fail(error, false) })),
  ],
  [
    'a request that the server ends',
    'calls it an internal error',
    answering(sink => ({
      ...bound(sink),
      fail: (error, sent) =>
        sink.fail(error.message.includes('ended') ? retold('internal', error) : error, sent),
    })),
  ],
  [
    'a link that retires',
    'drops what is under way',
    { link: sound => ({ retire: () => sound.abort(new ServiceError('unavailable', 'retired')) }) },
  ],
  ['a server that retires', 'does not tell', { serverChannel: () => ({ retire: () => undefined }) }],
  [
    'aborting a link',
    'reports another error',
    { link: sound => ({ abort: () => sound.abort(new ServiceError('internal', 'another')) }) },
  ],
  ['a channel keeps order', 'damages large messages', received('clientChannel', bodyOf(1_048_576))],
  ['many small messages', 'lets one message overtake another', { serverChannel: overtaking }],
  [
    'both directions progress',
    'gives the client what it sent itself',
    received('clientChannel', message =>
      textOf(message) === 'down 1499' ? withText(message.headers, 'up 1499') : message,
    ),
  ],
  ['messages that come without', 'loses one between subscribers', { serverChannel: losingBetween }],
  [
    'incoming takes one subscriber',
    'completes for a second one',
    { serverChannel: ({ incoming }) => ({ incoming: completingSecond(incoming) }) },
  ],
  ['a channel takes a place', 'counts it out', { link: roomy }],
  ['demand first says', 'says so late', { serverChannel: late }],
  ['demand emits at most once', 'emits it one by one', { clientChannel: oneByOne }],
  ['sending beyond demand', 'drops the message', swallowing('beyond demand')],
  ['a stalled reader bounds', 'queues without a limit', { clientChannel: hoarding }],
  [
    'no more than the window',
    'asks for more when it hands over',
    {
      serverChannel: ({ incoming }) => ({
        incoming: reading(incoming, (delivery, pass) => {
          if (textOf(delivery.value) === 'small') delivery.ack()
          pass(delivery)
        }),
      }),
    },
  ],
  [
    'a nack asks for more',
    'does not count a nack',
    {
      serverChannel: ({ incoming }) => ({
        incoming: reading(incoming, (delivery, pass) =>
          pass({ value: delivery.value, ack: () => delivery.ack(), nack: () => undefined }),
        ),
      }),
    },
  ],
  [
    'demand takes one subscriber',
    'completes for a second one',
    { clientChannel: ({ demand }) => ({ demand: completingSecond(demand) }) },
  ],
  [
    'demand completes with end',
    'completes a turn later',
    { clientChannel: endsLate, serverChannel: endsLate },
  ],
  ['end lets what was sent', 'is deaf after end', { clientChannel: deafAfterEnd }],
  ['a server can end first', 'is deaf after end', { serverChannel: deafAfterEnd }],
  ['a channel is closed on both', 'forgets its end', { clientChannel: forgettingEnd }],
  ['messages that wait are read', 'forgets the last one at the end', { serverChannel: forgetful }],
  ['sending after end', 'drops the message', swallowing('after end')],
  ['an abort by the client', 'reports another error', { clientChannel: otherError }],
  ['an abort by the server', 'reports another error', { serverChannel: otherError }],
  ['a closed channel takes', 'throws', { clientChannel: throwingWhenClosed }],
]
