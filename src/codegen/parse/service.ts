import type { MethodDescriptor, ServiceDescriptor, TypeName } from '../descriptor.js'
import { isTrue, optionStatement, type OptionValue } from './options.js'
import type { SourceReader } from './source-reader.js'

/** Reads `service Name { … }`. */
export function readService(reader: SourceReader): ServiceDescriptor {
  reader.take('service')
  const { text: name, at } = reader.takeWord('the name of a service')
  const doc = reader.endDeclaration('{')
  const options = new Map<string, OptionValue>()
  const methods: MethodDescriptor[] = []
  while (!reader.sees('}')) {
    if (reader.sees(';')) reader.endDeclaration(';')
    else if (reader.sees('option')) optionStatement(reader, options)
    else methods.push(readMethod(reader))
  }
  reader.endDeclaration('}')
  return { name, at, doc, deprecated: isTrue(options, 'deprecated'), methods }
}

function readMethod(reader: SourceReader): MethodDescriptor {
  reader.take('rpc')
  const { text: name, at } = reader.takeWord('the name of a method')
  const [clientStreaming, input] = readMessages(reader)
  reader.take('returns')
  const [serverStreaming, output] = readMessages(reader)
  const options = new Map<string, OptionValue>()
  const hasBody = reader.sees('{')
  const doc = reader.endDeclaration(hasBody ? '{' : ';')
  if (hasBody) {
    while (!reader.sees('}')) {
      if (reader.sees(';')) reader.endDeclaration(';')
      else optionStatement(reader, options)
    }
    reader.endDeclaration('}')
  }
  const level = options.get('idempotency_level')
  const idempotent = level?.kind === 'word' && ['IDEMPOTENT', 'NO_SIDE_EFFECTS'].includes(level.text)
  const deprecated = isTrue(options, 'deprecated')
  return { name, at, doc, deprecated, input, output, clientStreaming, serverStreaming, idempotent }
}

/** `(Name)` or `(stream Name)`. A message may be called `stream`, too. */
function readMessages(reader: SourceReader): readonly [streaming: boolean, type: TypeName] {
  reader.take('(')
  const streaming = reader.takes('stream')
  const type = streaming && reader.sees(')') ? undefined : reader.takeDottedName('the name of a message')
  if (type === undefined) throw reader.unexpected('the name of a message')
  reader.take(')')
  return [streaming, type]
}
