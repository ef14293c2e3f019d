import { describe, expect, it, test } from 'vitest'
import {
  endpointRecord,
  subscriberRecord,
  type Cardinality,
  type EndpointRecord,
  type ServiceDefinition,
  type ValueRecord,
} from 'headrace/streams'
import { parseProto } from '../../../src/adapters/codec/proto-types.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { vector } from '../../support/vectors.js'

const file = '2017-endpoints'

/** The Go types of the vectors, as far as protobuf can say them. protoc-gen-go gives every field a JSON name. */
const types = parseProto(`
  syntax = "proto3";
  package golden;
  message HelloRequest { string name = 1; }
  message HelloResponse { string greeting = 1; }
  message Event { string id = 1; int64 timestamp = 2; string message = 3; }
  message Complex {
    string name = 1; int64 count = 2; string ptr = 5; repeated string tags = 6; bytes blob = 7;
    map<string, string> map = 8; Inner inner = 9; Inner inner_ptr = 10; repeated Inner inner_list = 11;
  }
  message Inner { string a = 1; repeated Inner2 List = 2; Inner2 in2 = 3; }
  message Inner2 { string deep = 1; Inner3 Inner3 = 2; }
  message Inner3 { string string = 1; }
  service Svc {
    rpc Simple (HelloRequest) returns (HelloResponse);
    rpc Complex (Complex) returns (Complex);
    rpc Streaming (stream HelloRequest) returns (stream HelloResponse);
    rpc Value (Inner3) returns (Inner3);
  }
`)
const service: ServiceDefinition = types.service('Svc')

/** Go types that no message of protobuf has, by the field of the vector that shows them: what we leave out, and why. */
const notInProtobuf: Readonly<Record<string, string>> = {
  Flag: 'a JSON tag without a name',
  float64: 'a field without a JSON tag is shown under its type',
  any: 'interface{}',
  '-': 'a field that JSON leaves out',
  arr: 'an array of fixed length',
  fn: 'a function',
  string: 'an unexported field',
  error: 'an interface',
}

/** Handlers whose argument is no message: nothing of ours has such a type. */
const noMessages = { 'Svc.Slice': '[]string', 'Svc.Str': 'string' } as const

describe('the endpoint records of go-micro 2017', () => {
  it('Svc.Complex: fields of every kind, three levels', () => {
    expect(deliberateDifferences[`${file}/Svc.Complex`]).toBeDefined()
    const golden = recordOf('Svc.Complex')
    const known = ({ values, ...value }: ValueRecord) => ({
      ...value,
      values: values.filter(field => notInProtobuf[field.name] === undefined),
    })
    const record = endpointRecord(endpoint('complex'))
    expect(record.request).toEqual(known(golden.request as ValueRecord))
    expect(record.response).toEqual(known(golden.response as ValueRecord))
    expect(record).toMatchObject({ name: golden.name, metadata: golden.metadata })
  })

  it("Svc.Simple: the definition's metadata is added, and counts", () => {
    const metadata = { method: 'POST', stream: 'overridden' }
    expect(endpointRecord({ ...endpoint('simple'), metadata })).toEqual(recordOf('Svc.Simple'))
  })

  test.each([
    { name: 'Svc.Streaming', method: 'streaming' },
    { name: 'Svc.Value', method: 'value' },
  ])('$name', ({ name, method }) => {
    expect(endpointRecord(endpoint(method))).toEqual(recordOf(name))
  })

  test.each<Cardinality>(['serverStream', 'clientStream', 'bidi'])('a %s method is a stream', cardinality => {
    const { request, response, metadata } = recordOf('Svc.Streaming')
    const record = endpointRecord({ name: 'A.B', cardinality })
    expect(record).toEqual({ name: 'A.B', request, response, metadata })
  })

  test.each([
    { name: 'Sub.Other', type: 'Inner' },
    { name: 'Sub.Process', type: 'Event' },
    { name: 'Func', type: 'Event' },
  ])('$name', ({ name, type }) => {
    expect(subscriberRecord(name, 'events', types.type(type))).toEqual(recordOf(name))
  })

  test.each(Object.entries(noMessages))(
    '%s: %s is no message; an untyped endpoint shows an empty type',
    name => {
      expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
      const untyped = { name: '', type: '', values: [] }
      const record = endpointRecord({ name, cardinality: 'unary' })
      expect(record).toEqual({ ...recordOf(name), request: untyped, response: untyped })
    },
  )
})

function endpoint(method: string) {
  const definition = service[method]
  if (definition === undefined) throw new Error(`no method ${method}`)
  return definition
}

/** A vector's record in our form: no list of values is an empty one. */
function recordOf(name: string): EndpointRecord {
  const json = vector(file, name).json as EndpointRecord
  return { ...json, request: valueOf(json.request), response: valueOf(json.response) }
}

function valueOf(json: ValueRecord | null | undefined): ValueRecord | undefined {
  if (json === null || json === undefined) return undefined
  const values = (json.values as readonly ValueRecord[] | null) ?? []
  return { ...json, values: values.map(value => valueOf(value) ?? value) }
}
