import type { EndpointRecord, ValueRecord } from '../streams/registry.js'

/** A message type as the registry has it: `HelloRequest { name string }`; `any` where nothing is known of it. */
export function showType(value: ValueRecord | undefined): string {
  if (value === undefined || value.type === '') return 'any'
  const fields = value.values.map(
    ({ name, type, values }) => `${name} ${showType({ name: type, type, values })}`,
  )
  return fields.length === 0 ? value.type : `${value.type} { ${fields.join(', ')} }`
}

/** The topic that an endpoint of the registry stands for, or `undefined` for a method. */
export function topicOf({ metadata }: EndpointRecord): string | undefined {
  return metadata['subscriber'] === 'true' ? metadata['topic'] : undefined
}

/** Go shows a streaming method as one with a context and a streamer: its messages are not in the registry. */
export function isStream({ metadata }: EndpointRecord): boolean {
  return metadata['stream'] === 'true'
}
