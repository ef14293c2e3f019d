import { fileURLToPath } from 'node:url'
import { defineTopic } from 'headrace'
import { loadProto } from 'headrace/adapters/codec/proto-types'
import type { EndpointDefinition } from 'headrace/streams'

/** The message that peers and headrace send each other: a field of each kind that matters on the wire. */
export interface Value {
  text: string
  number: bigint
  data: Uint8Array
  words: string[]
  flag: boolean
  ratio: number
}

type Unary<I, O> = EndpointDefinition<I, O, 'unary'>

export type EchoDefinition = {
  say: Unary<Value, Value>
  nothing: Unary<object, object>
  fail: Unary<Value, Value>
  slow: Unary<Value, Value>
  deadline: Unary<Value, Value>
  header: Unary<Value, Value>
  who: Unary<object, Value>
  missing: Unary<Value, Value>
  talk: EndpointDefinition<Value, Value, 'bidi'>
  count: EndpointDefinition<Value, Value, 'serverStream'>
  break: EndpointDefinition<Value, Value, 'serverStream'>
  late: EndpointDefinition<Value, Value, 'bidi'>
  chatter: EndpointDefinition<Value, Value, 'bidi'>
}

/** What `Debug.Stats` has in both generations. */
export interface Stats {
  started: bigint
  uptime: bigint
  memory: bigint
  threads: bigint
  gc: bigint
}

export type DebugDefinition = {
  health: Unary<object, { status: string }>
  stats: Unary<object, Stats>
}

const types = await loadProto(fileURLToPath(new URL('./interop.proto', import.meta.url)))

/** The service of interop.proto, as both sides call and serve it. */
export const Echo = types.service<EchoDefinition>('Echo')

const debugOf = (service: string): DebugDefinition => {
  const { health, stats } = types.service<DebugDefinition>(service)
  return { health: { ...health, name: 'Debug.Health' }, stats: { ...stats, name: 'Debug.Stats' } }
}

/** The built-in handler of go-micro 2017. */
export const debug2017 = debugOf('Debug2017')

/** The built-in handler of v1.18, whose fields have other numbers. */
export const debug118 = debugOf('Debug118')

/** A topic of values. */
export const topic = (name: string) => defineTopic(name, types.type<Value>('Value'))

/** A value with these fields; the others have their zero values. */
export function value(fields: Partial<Value> = {}): Value {
  return { text: '', number: 0n, data: new Uint8Array(), words: [], flag: false, ratio: 0, ...fields }
}

/** A value with all fields, and with what goes wrong easily: characters that Go escapes, a number that no float holds, bytes that are no text. */
export const full = value({
  text: 'Grüße <&> \u2028 🎉 "',
  number: -9007199254740993n,
  data: Uint8Array.of(0, 128, 255),
  words: ['a', '', 'c'],
  flag: true,
  ratio: 0.1,
})
