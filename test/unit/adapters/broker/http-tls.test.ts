import { readFileSync } from 'node:fs'
import { firstValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { http, type BrokerTlsOptions } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import type { Broker, Registry } from 'headrace/streams'

const pem = (name: string) => readFileSync(new URL(`../../../support/tls/${name}`, import.meta.url), 'utf8')
const ca = pem('ca.pem')
const server: BrokerTlsOptions = { ca, cert: pem('server.pem'), key: pem('server.key.pem') }
const client: BrokerTlsOptions = { ca, cert: pem('client.pem'), key: pem('client.key.pem') }

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function broker(registry: Registry, tls?: BrokerTlsOptions): Broker {
  const made = http({ registry, address: '127.0.0.1:0', ...(tls === undefined ? {} : { tls }) })
  closers.push(() => made.close())
  return made
}

/** What a publisher with `tls` hears about a subscriber with `subscriberTls`. */
async function outcome(subscriberTls: BrokerTlsOptions, tls?: BrokerTlsOptions) {
  const registry = memoryRegistry()
  closers.push(() => registry.close())
  const got: string[] = []
  const subscriber = broker(registry, subscriberTls)
  await new Promise<void>(resolve => {
    subscriber.subscribe('events').subscribe(event => {
      if (event.kind === 'subscribed') return resolve()
      got.push(Buffer.from(event.delivery.value.body).toString())
      event.delivery.ack()
    })
  })
  const message = { headers: {}, body: Buffer.from('hi') }
  const publisher = broker(registry, tls)
  const reports = await firstValueFrom(publisher.publish('events', message).pipe(toArray()))
  const metadata = (await firstValueFrom(registry.lookup('topic:events')))[0]?.nodes[0]?.metadata
  const publish = (text: string) =>
    firstValueFrom(publisher.publish('events', { headers: {}, body: Buffer.from(text) }).pipe(toArray()))
  return { got, publish, kinds: reports.map(({ error }) => error?.kind), metadata }
}

describe('the http broker over TLS', () => {
  it('registers that it is secure, and publishers post by https', async () => {
    expect(await outcome(server, { ca })).toMatchObject({
      got: ['hi'],
      kinds: [undefined],
      metadata: { secure: 'true' },
    })
  })

  it('keeps the order of many messages', async () => {
    const { got, publish } = await outcome(server, { ca })
    const texts = Array.from({ length: 300 }, (_, n) => `${n} ${'x'.repeat(n)}`)
    const reports = await Promise.all(texts.map(publish))
    expect(reports.flat().flatMap(({ error }) => error ?? [])).toEqual([])
    expect(got).toEqual(['hi', ...texts])
  })

  it('is not sent to when its certificate is not trusted', async () => {
    expect(await outcome(server)).toMatchObject({ got: [], kinds: ['unavailable'] })
  })

  it('is sent to without a check only when an option says so', async () => {
    expect(await outcome(server, { insecureSkipVerify: true })).toMatchObject({
      got: ['hi'],
      kinds: [undefined],
    })
  })

  it('takes only publishers with a certificate when it asks for one', async () => {
    const strict = { ...server, requireClientCertificate: true }
    expect(await outcome(strict, client)).toMatchObject({ got: ['hi'], kinds: [undefined] })
    expect(await outcome(strict, { ca })).toMatchObject({ got: [], kinds: ['unavailable'] })
  })

  it('names a certificate that is none', async () => {
    const registry = memoryRegistry()
    closers.push(() => registry.close())
    const broken = broker(registry, { ...server, cert: 'none' })
    await expect(firstValueFrom(broken.subscribe('events'))).rejects.toMatchObject({ kind: 'bad_request' })
  })
})
