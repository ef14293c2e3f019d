import { Observable } from 'rxjs'
import { map } from 'rxjs'
import type { Channel, Delivery, Link, Message, Transport } from 'headrace/streams'

/** What a fault changes of a transport, its links, and the channels of either side. */
export interface Plants {
  readonly transport?: (sound: Transport) => Partial<Transport>
  readonly link?: (sound: Link) => Partial<Link>
  readonly clientChannel?: (sound: Channel) => Partial<Channel>
  readonly serverChannel?: (sound: Channel) => Partial<Channel>
}

/** The transport with faults in it. */
export function plantInto(
  sound: Transport,
  { transport, link, clientChannel, serverChannel }: Plants,
): Transport {
  const channel = (plant: ((sound: Channel) => Partial<Channel>) | undefined, real: Channel) =>
    plant === undefined ? real : over(channelOf(real), plant(real))
  const linked = (real: Link) => {
    const opened = over(linkOf(real), { open: () => channel(clientChannel, real.open()) })
    return link === undefined ? opened : over(opened, link(opened))
  }
  const planted: Transport = over(transportOf(sound), {
    dial: address => sound.dial(address).pipe(map(linked)),
    listen: address =>
      sound
        .listen(address)
        .pipe(
          map(event =>
            event.kind === 'channel' ? { ...event, channel: channel(serverChannel, event.channel) } : event,
          ),
        ),
  })
  return transport === undefined ? planted : over(planted, transport(planted))
}

/** The same channel with other deliveries: `change` gets each one and what passes it on. */
export function reading(
  incoming: Observable<Delivery<Message>>,
  change: (delivery: Delivery<Message>, pass: (delivery: Delivery<Message>) => void) => void,
): Observable<Delivery<Message>> {
  return new Observable(subscriber =>
    incoming.subscribe({
      next: delivery => change(delivery, changed => subscriber.next(changed)),
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  )
}

function over<T extends object>(base: T, changes: Partial<T>): T {
  const all = { ...Object.getOwnPropertyDescriptors(base), ...Object.getOwnPropertyDescriptors(changes) }
  return Object.defineProperties({}, all) as T
}

function channelOf(real: Channel): Channel {
  return {
    peer: real.peer,
    incoming: real.incoming,
    demand: real.demand,
    closed: real.closed,
    send: message => real.send(message),
    end: () => real.end(),
    abort: error => real.abort(error),
    retire: () => real.retire(),
  }
}

function linkOf(real: Link): Link {
  return {
    peer: real.peer,
    get room() {
      return real.room
    },
    request: (message, sink) => real.request(message, sink),
    open: () => real.open(),
    closed: real.closed,
    retire: () => real.retire(),
    abort: error => real.abort(error),
  }
}

function transportOf(real: Transport): Transport {
  return {
    name: real.name,
    events: real.events,
    callsPerLink: real.callsPerLink,
    dial: address => real.dial(address),
    listen: address => real.listen(address),
    close: () => real.close(),
  }
}
