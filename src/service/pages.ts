import { catchError, map, toArray, type Observable } from 'rxjs'
import { checkMetadata } from '../actors/client/check-options.js'
import { metadataOf } from '../actors/call-context.js'
import { pageFormats } from '../actors/pages/page-requests.js'
import { pageTable } from '../actors/pages/page-table.js'
import type { PageServing } from '../actors/server/serving.js'
import { createEndpointTable, type EndpointTable } from '../actors/session/endpoint-table.js'
import type { DeliveryReport } from '../streams/broker.js'
import { mapDelivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import { createFlow, type Flow } from '../streams/flow.js'
import { serverStream, type ServedEndpoint, type StreamingHandler } from '../streams/server.js'
import {
  fromPageEvent,
  pageEndpoints,
  toPageEvent,
  type PageEvent,
  type PageNode,
  type PageReport,
} from '../wire/pages.js'
import type { Launch } from './launch.js'
import { messagesOf } from './topics.js'

/** What web pages are served: what the option `browser` opens, and nothing else. */
export function pagesOf(launch: Launch, endpoints: EndpointTable): PageServing {
  const { settings, parts } = launch
  const middleware = settings.middleware.handler ?? []
  const table = {
    service: settings.name,
    endpoints,
    own: createEndpointTable(ownEndpoints(launch), middleware),
    exposed: settings.browser.services,
    client: parts.client,
    middleware,
  }
  return {
    formats: pageFormats(parts.formats),
    calls: pageTable(table, 'unary'),
    streams: pageTable(table, 'bidi'),
  }
}

function ownEndpoints({ settings, parts }: Launch): readonly ServedEndpoint[] {
  const { browser, name } = settings
  const open = (listed: readonly string[], what: string, wanted: unknown): string => {
    if (typeof wanted === 'string' && listed.includes(wanted)) return wanted
    const detail = `${what} ${JSON.stringify(wanted) ?? 'undefined'} is not open to web pages`
    throw new ServiceError('forbidden', detail, { id: name })
  }
  return [
    streaming(
      pageEndpoints.discover,
      serverStream(({ service }: { service?: unknown }): Observable<readonly PageNode[]> => {
        const wanted = open(browser.discover, 'discovery of', service)
        return parts.cache.snapshots(wanted).pipe(map(({ nodes }) => nodes.map(pageNode)))
      }),
    ),
    streaming(
      pageEndpoints.subscribe,
      serverStream(({ topic }: { topic?: unknown }): Flow<PageEvent> => {
        const events = messagesOf(parts.broker, open(browser.topics, 'topic', topic))
        return createFlow(
          events.pipe(
            map(delivery =>
              mapDelivery(delivery, toPageEvent(delivery.value, metadataOf(delivery.value.headers))),
            ),
          ),
        )
      }),
    ),
    {
      definition: { name: pageEndpoints.publish, cardinality: 'unary' },
      internal: true,
      handle: ({ topic, event }: { topic?: unknown; event?: Partial<PageEvent> }) => {
        const message = fromPageEvent(event ?? {})
        checkMetadata(event?.metadata ?? {})
        const headers = { ...message.headers, 'X-Micro-From-Service': name }
        return parts.broker
          .publish(open(browser.publish, 'publishing to', topic), { ...message, headers })
          .pipe(
            map(pageReport),
            toArray(),
            catchError((failure: unknown) => {
              throw ServiceError.from(failure, name)
            }),
          )
      },
    },
  ]
}

function streaming(name: string, { cardinality, handle }: StreamingHandler): ServedEndpoint {
  return { definition: { name, cardinality }, handle, internal: true }
}

function pageNode({ service, version, id, address, metadata }: PageNode): PageNode {
  return { service, version, id, address, metadata }
}

function pageReport({ subscriber, error }: DeliveryReport): PageReport {
  return error === undefined ? { subscriber } : { subscriber, error: error.toWire() }
}
