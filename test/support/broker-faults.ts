import { EMPTY, catchError, delay, filter, identity, map, mergeMap, of, throwError } from 'rxjs'
import { ServiceError, canonicalKey, type Message } from 'headrace/streams'
import {
  deafToItself,
  unfair,
  reversed,
  oneBody,
  failsUnused,
  failsUnusedStream,
  goesOn,
  readAhead,
  reportedLate,
  headOfLine,
  uncounted,
  detached,
  angry,
  leaking,
  forgetsQueue,
  quietEnd,
} from './broker-plants.js'
import {
  faced,
  answering,
  delivering,
  echo,
  reporting,
  said,
  streaming,
  subscribing,
  type Wrap,
} from './broker-wraps.js'

/** A fault for each law of a broker: the law it must break, and what plants it into a pair of memory brokers. */
export const brokerFaults: readonly (readonly [law: string, fault: string, plant: () => Wrap])[] = [
  [
    'a subscription first says',
    'says that it is ready twice',
    () => subscribing(events => events.pipe(echo('subscribed'))),
  ],
  ['every subscriber without a queue', 'a handle does not hear what it publishes', deafToItself],
  [
    'of each queue one',
    'delivers every eighth message of a queue twice',
    () =>
      subscribing((events, queue) =>
        queue === undefined
          ? events
          : events.pipe(mergeMap((event, n) => (n % 8 === 0 && n > 0 ? of(event, event) : of(event)))),
      ),
  ],
  ['the members of a queue share', 'one member gets all while it keeps up', unfair],
  ['messages of one publisher arrive in the order', 'turns a burst of sixteen around', reversed],
  [
    'headers and bodies arrive exactly',
    'writes headers as HTTP does',
    () =>
      delivering(({ headers, body }) => ({
        headers: Object.fromEntries(
          Object.entries(headers).map(([key, value]) => [canonicalKey(key), value]),
        ),
        body,
      })),
  ],
  [
    'headers and bodies arrive exactly',
    'cuts large bodies',
    () => delivering(({ headers, body }) => ({ headers, body: body.subarray(0, 1_000_000) })),
  ],
  ['what a subscriber writes', 'gives all subscribers the same bytes', oneBody],
  [
    'a topic is heard only',
    'tells topics apart by four letters',
    () => broker => ({
      ...faced(broker),
      publish: (topic, message, options) => broker.publish(topic.slice(0, 4), message, options),
      subscribe: (topic, options) => broker.subscribe(topic.slice(0, 4), options),
    }),
  ],
  ['a publish that nobody listens to', 'fails where nobody ever subscribed', failsUnused],
  [
    'a publish reports once',
    'reports twice on a queue',
    () =>
      reporting(reports =>
        reports.pipe(
          mergeMap(report => (report.subscriber.startsWith('queue') ? of(report, report) : of(report))),
        ),
      ),
  ],
  ['a subscriber that does not answer', 'sends one publish after the other', headOfLine],
  ['no more than a window', 'lets the first delivery pass uncounted', () => subscribing(uncounted)],
  [
    'each answer asks for more',
    'waits for an ack after a handler that broke',
    () =>
      subscribing(events =>
        events.pipe(
          map(event =>
            answering(event, delivery => ({
              value: delivery.value,
              ack: () => delivery.ack(),
              nack: error => (error.kind === 'internal' ? undefined : delivery.nack(error)),
            })),
          ),
        ),
      ),
  ],
  [
    'a subscriber whose queue stays full',
    'calls it a timeout',
    () =>
      reporting(reports =>
        reports.pipe(
          map(report =>
            said(report, 'within') ? { ...report, error: new ServiceError('timeout', 'late') } : report,
          ),
        ),
      ),
  ],
  [
    'a message that finds a queue full',
    'refuses late',
    () =>
      reporting(reports =>
        reports.pipe(
          mergeMap(report => (said(report, 'already') ? of(report).pipe(delay(1_500)) : of(report))),
        ),
      ),
  ],
  ['unsubscribing from a publish drops', 'sends it all the same', () => reporting(detached)],
  [
    'a published stream arrives whole',
    'publishes an array from its end',
    () =>
      streaming(identity, source => (Array.isArray(source) ? [...(source as Message[])].reverse() : source)),
  ],
  ['a published stream is read as', 'reads ahead', () => streaming(identity, readAhead)],
  [
    'a subscriber without room for a published stream',
    'does not count what it misses',
    () => streaming(reports => reports.pipe(map(report => ({ ...report, missed: 0 })))),
  ],
  [
    'who comes during a published stream',
    'reports on those who leave at the end',
    () => streaming(reportedLate),
  ],
  [
    'an error of its source',
    'completes instead',
    () =>
      streaming(reports =>
        reports.pipe(
          catchError((error: ServiceError) => (error.kind === 'conflict' ? EMPTY : throwError(() => error))),
        ),
      ),
  ],
  ['unsubscribing from a published stream', 'lets the source go on', () => streaming(goesOn)],
  [
    'what a subscriber nacks of a published stream',
    'counts nacks as acks',
    () =>
      streaming(reports =>
        reports.pipe(map(({ acked, nacked, ...rest }) => ({ ...rest, acked: acked + nacked, nacked: 0 }))),
      ),
  ],
  ['a published stream that nobody listens to', 'fails where nobody ever subscribed', failsUnusedStream],
  [
    'closing the publisher ends a published stream',
    'completes instead',
    () =>
      streaming(reports =>
        reports.pipe(
          catchError((error: ServiceError) =>
            error.kind === 'unavailable' ? EMPTY : throwError(() => error),
          ),
        ),
      ),
  ],
  ['unsubscribing during a handler', 'a late answer throws', () => subscribing(angry)],
  ['who has unsubscribed', 'leaves the subscription behind', () => subscribing(leaking)],
  ['what waits for a queue', 'fails what waits when any member leaves', forgetsQueue],
  [
    'what waits for the last subscriber',
    'does not tell',
    () => reporting(reports => reports.pipe(filter(report => !said(report, 'has unsubscribed')))),
  ],
  [
    'a closed broker',
    'makes a promise for each close',
    () => broker => ({ ...faced(broker), close: async () => broker.close() }),
  ],
  [
    'closing the publisher ends what waits',
    'does not tell',
    () => reporting(reports => reports.pipe(filter(report => !said(report, 'it was closed')))),
  ],
  ['a lost broker', 'completes instead', () => subscribing(events => events.pipe(quietEnd))],
]
