import { filter, firstValueFrom, lastValueFrom, map, toArray, type Observable } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import type {
  Broker,
  Message,
  RegisterOptions,
  Registry,
  ServiceRecord,
  SubscriptionEvent,
} from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { cutMessage, exchange, recordingServer, type RawMessage } from '../../support/raw-http.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = '2017-http-broker'
const versionOne = 'v118-http-broker'
const publishedByVersionOne = ['publish application/json', 'publish application/protobuf']
const published = [
  'publish application/json',
  'publish application/octet-stream',
  'broker-publish-raw',
  'broker-publish-nil',
]
const answered = ['get', 'bad-json', 'no-topic', 'unknown-id', 'lower-case-keys', 'wrong-path']

let registry: Registry
let broker: Broker
const registrations: { service: ServiceRecord; options: RegisterOptions | undefined }[] = []

beforeEach(() => {
  registry = memoryRegistry()
  registrations.length = 0
  const recording: Registry = {
    name: registry.name,
    events: registry.events,
    register: (service, options) => {
      registrations.push({ service, options })
      return registry.register(service, options)
    },
    deregister: service => registry.deregister(service),
    lookup: name => registry.lookup(name),
    list: () => registry.list(),
    watch: name => registry.watch(name),
    close: () => registry.close(),
  }
  broker = http({
    registry: recording,
    address: '127.0.0.1:0',
    id: 'broker-e799c014-e6a6-11f1-ba15-baab40be883e',
  })
})

afterEach(async () => {
  await broker.close()
  await registry.close()
})

/** The two messages of a captured exchange: what the client sent, what the server answered. */
function captured(name: string, from = file): readonly [request: RawMessage, answer: RawMessage] {
  const [request, answer] = (vector(from, name).segments ?? []).map(segment => cutMessage(bytesOf(segment)))
  if (request === undefined || answer === undefined) throw new Error(`vector '${name}' is not one exchange`)
  return [request, answer]
}

/** The message that a captured request carries. */
function messageIn({ body }: RawMessage): Message {
  const { Header, Body } = JSON.parse(body) as { Header: Record<string, string>; Body: string | null }
  const { ':topic': _, ...headers } = Header
  return { headers, body: Buffer.from(Body ?? '', 'base64') }
}

async function subscribed(events: Observable<SubscriptionEvent>) {
  const got: Message[] = []
  const subscription = events.pipe(
    map(event => {
      if (event.kind === 'subscribed') return undefined
      event.delivery.ack()
      return got.push(event.delivery.value)
    }),
  )
  await new Promise<void>((resolve, reject) =>
    subscription.subscribe({ next: () => resolve(), error: reject }),
  )
  const [service] = await firstValueFrom(registry.lookup('topic:events'))
  const [node] = service?.nodes ?? []
  if (node === undefined) throw new Error('not registered')
  return { got, node }
}

describe('the http broker of go-micro 2017', () => {
  it.each(published)('%s: a publish posts the same bytes', async name => {
    const [captive] = captured(name)
    const request = { ...captive, text: withVersionOne(captive.text) }
    const subscriber = await recordingServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const id = new URLSearchParams(request.start.split(/[? ]/)[2]).get('id') ?? ''
    const nodes = [{ id, address: subscriber.address, metadata: { secure: 'false' } }]
    const service = { name: 'topic:events', version: 'ff.http.broadcast', metadata: {}, endpoints: [], nodes }
    await lastValueFrom(registry.register(service), { defaultValue: undefined })
    const reports = await firstValueFrom(broker.publish('events', messageIn(request)).pipe(toArray()))
    expect(reports).toEqual([{ subscriber: id }])
    // Normalised: the address, the name of the program, the id of the event, and the deliberate differences.
    expect(deliberateDifferences[`${file}/${name}`]).toContain('Accept-Encoding')
    const expected = request.text
      .replace('127.0.0.1:18091', subscriber.address)
      .replace('Go-http-client/1.1', 'headrace')
      .replace('Accept-Encoding: gzip\r\n', '')
    expect(subscriber.requests.map(({ text }) => withoutId(text))).toEqual([expected])
    await subscriber.close()
  })

  it.each(published)('%s: a subscriber reads it and answers as Go does', async name => {
    const [request, answer] = captured(name)
    const { got, node } = await subscribed(broker.subscribe('events'))
    const bytes = request.text.replace(/id=\S+/, `id=${node.id}`)
    const ours = await exchange(node.address, bytes)
    expect(essence(ours)).toEqual(essence(answer))
    const expected = messageIn(request)
    expect(got.map(({ headers, body }) => [{ ...headers }, Buffer.from(body).toString('hex')])).toEqual([
      [expected.headers, Buffer.from(expected.body).toString('hex')],
    ])
    const { metadata } =
      (vector(file, name).input as { subscriberSees?: { metadata: object } } | undefined)?.subscriberSees ??
      {}
    expect({ ...got[0]?.headers }).toMatchObject(metadata ?? {})
  })

  it.each(answered)('%s: the answer is the same', async name => {
    const [request, answer] = captured(name)
    const { got, node } = await subscribed(broker.subscribe('events'))
    const ours = essence(await exchange(node.address, request.text))
    const theirs = essence(answer)
    if (deliberateDifferences[`${file}/${name}`] === undefined) expect(ours).toEqual(theirs)
    else expect(withoutReason(ours)).toEqual(withoutReason(theirs))
    expect(got).toEqual([])
  })

  it.each([
    ['register-topic:jobs', 'jobs', { queue: 'workers' }],
    ['register-topic:events', 'events', {}],
  ])('%s: a subscription is registered so', async (name, topic, options) => {
    const golden = vector('2017-registrations', name)
    const expected = golden.json as {
      name: string
      version: string
      nodes: { id: string; metadata: object }[]
    }
    const ready = broker.subscribe(topic, options).pipe(filter(({ kind }) => kind === 'subscribed'))
    await firstValueFrom(ready)
    const [first] = registrations
    expect(first?.service).toMatchObject({
      name: expected.name,
      version: expected.version,
      metadata: {},
      endpoints: [],
    })
    const [node] = first?.service.nodes ?? []
    // What Go does not know it passes over: that this node speaks the fast lane, too.
    expect(node?.metadata).toEqual({ ...expected.nodes[0]?.metadata, headrace: 'mux/1' })
    expect(shapeOf(node?.id ?? '')).toBe(shapeOf(expected.nodes[0]?.id ?? ''))
    expect(golden.what).toBe('ttl 1m0s')
    expect(first?.options).toEqual({ ttlMs: 60_000 })
  })
})

describe('the http broker of go-micro 1.18', () => {
  it.each(publishedByVersionOne)('%s: a publish posts the same bytes', async name => {
    const [request] = captured(name, versionOne)
    expect(deliberateDifferences[`${versionOne}/${name}`]).toContain('Accept-Encoding')
    const subscriber = await recordingServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const id = idIn(request)
    const metadata = { broker: 'http', secure: 'false', topic: 'events' }
    const others = { id: 'others', address: '127.0.0.1:1', metadata: { ...metadata, topic: 'others' } }
    const nodes = [{ id, address: subscriber.address, metadata }, others]
    const service = {
      name: 'go.micro.http.broker',
      version: 'ff.http.broadcast',
      metadata: {},
      endpoints: [],
      nodes,
    }
    await lastValueFrom(registry.register(service), { defaultValue: undefined })
    const { headers, body } = messageIn(request)
    const { 'Micro-Id': _, 'Micro-Topic': __, ...own } = headers
    const reports = await firstValueFrom(broker.publish('events', { headers: own, body }).pipe(toArray()))
    expect(reports).toEqual([{ subscriber: id }])
    const expected = withoutId(request.text)
      .replace('127.0.0.1:18191', subscriber.address)
      .replace('Go-http-client/1.1', 'headrace')
      .replace('Accept-Encoding: gzip\r\n', '')
    expect(subscriber.requests.map(({ text }) => withoutId(text))).toEqual([expected])
    await subscriber.close()
  })

  it.each(publishedByVersionOne)('%s: a subscriber reads it and answers as Go does', async name => {
    const [request, answer] = captured(name, versionOne)
    const { got } = await subscribed(broker.subscribe('events'))
    const [service] = await firstValueFrom(registry.lookup('go.micro.http.broker'))
    const [node] = service?.nodes ?? []
    expect(service?.version).toBe('ff.http.broadcast')
    expect(node?.metadata).toMatchObject({ broker: 'http', secure: 'false', topic: 'events' })
    expect(shapeOf(node?.id ?? '')).toBe(shapeOf(idIn(request)))
    const bytes = request.text.replace(/id=\S+/, `id=${node?.id ?? ''}`)
    expect(essence(await exchange(node?.address ?? '', bytes))).toEqual(essence(answer))
    const { headers, body } = messageIn(request)
    const { 'Micro-Id': _, 'Micro-Topic': __, ...own } = headers
    expect(got.map(message => [{ ...message.headers }, Buffer.from(message.body)])).toEqual([
      [own, Buffer.from(body)],
    ])
  })
})

function idIn({ start }: RawMessage): string {
  return new URLSearchParams(start.split(/[? ]/)[2]).get('id') ?? ''
}

/** A captured publication of 2017 with what version 1 adds to it. */
function withVersionOne(text: string): string {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const added = body.replace(
    /("Content-Type":"[^"]*"|":topic":"events")(?!,"Content-Type)/,
    `$1,"Micro-Id":"${noId}","Micro-Topic":"events"`,
  )
  return `${head.replace(/(Content-Length: )\d+/, `$1${added.length}`)}\r\n\r\n${added}`
}

const noId = '00000000-0000-4000-8000-000000000000'

/** A publication with the same id for every event. */
function withoutId(text: string): string {
  return text.replace(/("Micro-Id":")[^"]*/, `$1${noId}`)
}

/** What counts in an answer: the status, the headers without the date and in any order, the body. */
function essence(answer: RawMessage | undefined) {
  const { Date: _, ...headers } = answer?.headers ?? {}
  return { start: answer?.start, headers, body: answer?.body ?? '' }
}

/** An answer without the words of the JSON parser, which no peer reads. */
function withoutReason({ start, headers, body }: ReturnType<typeof essence>) {
  const { 'Content-Length': _, ...rest } = headers
  return { start, headers: rest, body: body.replace(/(Error parsing request body: )(?:[^"\\]|\\.)*/, '$1') }
}

/** An id with its UUIDs as letters: those of Go carry a time, ours do not. */
function shapeOf(id: string): string {
  return id.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid')
}
