/** The names with a number of their own, from 1 (docs/fast-lane.md section 5). The order is part of the wire: add at the end only. */
export const staticNames: readonly string[] = [
  'Content-Type',
  'Accept',
  'Timeout',
  'X-Micro-From-Service',
  'X-Micro-Service',
  'X-Micro-Endpoint',
  'X-Micro-Method',
  'X-Micro-Topic',
  'X-Micro-Id',
  'X-Micro-Error',
  ':status',
  'Authorization',
  'Traceparent',
  'Tracestate',
  'Baggage',
  'X-Request-Id',
  'X-User-Id',
  ':endpoint',
  ':error',
]

const contentTypes = [
  'application/json',
  'application/json-rpc',
  'application/protobuf',
  'application/proto-rpc',
  'application/octet-stream',
  'text/plain',
]

/** Names with their values, from 128. The order is part of the wire: add at the end only. */
export const staticPairs: readonly (readonly [name: string, value: string])[] = [
  ...contentTypes.map(value => ['Content-Type', value] as const),
  ...contentTypes.map(value => ['Accept', value] as const),
]

/** The number of the first pair. */
export const firstPair = 128
