import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { defineService, rpc, type ClientOf, type Flow, type HandlersOf, type Reply } from 'headrace'
import type { MessageInit, Timestamp } from 'headrace/protobuf'
import { Everything, type Streams, type Nothing, type Color } from '../fixtures/proto/everything.headrace.js'
import { packed, price, remark } from '../fixtures/proto/extending.headrace.js'
import { Legacy, type Archive } from '../fixtures/proto/legacy.headrace.js'
import type { Greeter } from '../../examples/greeter/greeter.headrace.js'

declare const client: ClientOf<typeof Streams>
declare const greeter: ClientOf<typeof Greeter>

// A message comes complete, and may be sent with what it has.
expectTypeOf(greeter.hello({ name: 'John' })).toEqualTypeOf<Reply<{ greeting: string }>>()
expectTypeOf(greeter.hello({})).toExtend<Reply<{ greeting: string }>>()
expectTypeOf(greeter.stream([{ count: 1n }, { count: 2 }])).toExtend<Flow<{ count: bigint }>>()
expectTypeOf(client.serverStream({})).toEqualTypeOf<Flow<Everything>>()
expectTypeOf(client.unary({ anInt64: 1n })).toEqualTypeOf<Reply<Nothing>>()
expectTypeOf(client.getThing({})).toEqualTypeOf<Reply<Timestamp>>()
expectTypeOf<Everything['anInt64']>().toEqualTypeOf<bigint>()
expectTypeOf<Everything['someBytes']>().toEqualTypeOf<Uint8Array>()
expectTypeOf<Everything['counts']>().toEqualTypeOf<Record<string, bigint>>()
expectTypeOf<Color>().toEqualTypeOf<0 | 1 | -5>()

// @ts-expect-error a field that the request does not have
greeter.hello({ nom: 'John' })
// @ts-expect-error a field of another type
greeter.hello({ name: 5 })
// @ts-expect-error a stream of requests where there is one
greeter.serverStream([{ count: 1n }])
// @ts-expect-error a single request where there is a stream
greeter.stream({ count: 1n })
expectTypeOf(greeter).not.toHaveProperty('helo')

export const one: MessageInit<Everything> = { text: 'a', yes: true }
// @ts-expect-error two members of one oneof
export const two: MessageInit<Everything> = { text: 'a', number: 1n }
// @ts-expect-error a value that the enum does not have
export const colorless: MessageInit<Everything> = { color: 77 }

// A required field of proto2 must be there, at any depth, wherever a message is built.
export const legacy: MessageInit<Legacy> = { id: 'i', part: { number: 1 }, kids: { a: { id: 'k' } } }
// @ts-expect-error the message lacks a required field
export const nameless: MessageInit<Legacy> = { size: 1 }
// @ts-expect-error a message in it lacks one
export const partless: MessageInit<Legacy> = { id: 'i', part: {} }
// @ts-expect-error a message in a map lacks one
export const kidless: MessageInit<Legacy> = { id: 'i', kids: { a: {} } }
// @ts-expect-error there is nothing in it
export const absent: MessageInit<Legacy> = { id: undefined }
// @ts-expect-error a message cannot be made without it
Legacy.create()
expectTypeOf(Legacy.create({ id: 'i' })).toEqualTypeOf<Legacy>()
expectTypeOf(Everything.create()).toEqualTypeOf<Everything>()
declare const archive: ClientOf<typeof Archive>
archive.store(legacy)
// @ts-expect-error a request without a required field
archive.store({ size: 1 })
export const whole: Legacy = { id: 'i', unpacked: [], packed: [], kids: {}, '.tests.legacy.numbers': [] }
export const asInit: MessageInit<Legacy> = { ...whole }

// An extension of another file knows its own type and that of the message.
expectTypeOf(remark.get({ id: 'i' })).toEqualTypeOf<string | undefined>()
expectTypeOf(packed.get(whole)).toEqualTypeOf<number[]>()
declare const stored: Legacy
expectTypeOf(remark.with(stored, 'r')).toEqualTypeOf<Legacy>()
export const priced: MessageInit<Legacy> = price.with({ id: 'i' }, { cents: 5 })
// @ts-expect-error a value of another type
remark.with(whole, 5)
// @ts-expect-error a message of another type
remark.get({ cents: 5n })
// @ts-expect-error a repeated one is a list
packed.with(whole, 5)

/** Of a oneof the compiler knows that the others are absent. */
export function textOf(message: Everything): string | undefined {
  if (message.text === undefined) return undefined
  expectTypeOf(message.number).toEqualTypeOf<undefined>()
  return message.text
}

export const complete: HandlersOf<typeof Greeter> = {
  hello: ({ name }) => ({ greeting: `Hello ${name}` }),
  stream: requests => requests,
  serverStream: function* ({ count }) {
    for (let n = 0n; n < count; n += 1n) yield { count: n }
  },
}
// @ts-expect-error a method without a handler
export const incomplete: HandlersOf<typeof Greeter> = {
  hello: () => ({ greeting: '' }),
  stream: requests => requests,
}
export const misspelt: HandlersOf<typeof Greeter> = {
  ...complete,
  // @ts-expect-error a field that the answer does not have
  hello: () => ({ greting: '' }),
}
export const wrongWay: HandlersOf<typeof Greeter> = {
  ...complete,
  // @ts-expect-error a plain answer where there is a stream
  serverStream: ({ count }) => ({ count }),
}

// With a Standard Schema a client sends what the schema takes, and a handler receives what it gives.
const Schemas = defineService('Schemas', {
  hello: rpc.unary(
    z.object({ name: z.string().default('you'), at: z.string().transform(text => text.length) }),
    z.object({ greeting: z.number().transform(String) }),
  ),
  list: rpc.serverStream(z.object({ count: z.number() }), z.object({ n: z.number() }), { idempotent: true }),
})
declare const schemas: ClientOf<typeof Schemas>
expectTypeOf(schemas.hello({ at: 'x' })).toEqualTypeOf<Reply<{ greeting: string }>>()
expectTypeOf(schemas.list({ count: 1 })).toEqualTypeOf<Flow<{ n: number }>>()
// @ts-expect-error a field is missing
schemas.hello({ name: 'John' })
// @ts-expect-error a field of another type
schemas.list({ count: '1' })
export const handlers: HandlersOf<typeof Schemas> = {
  hello: ({ name, at }) => {
    expectTypeOf(name).toEqualTypeOf<string>()
    expectTypeOf(at).toEqualTypeOf<number>()
    return { greeting: at }
  },
  list: ({ count }) => [{ n: count }],
}
