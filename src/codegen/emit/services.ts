import type { MethodDescriptor, ServiceDescriptor } from '../descriptor.js'
import { docComment } from './doc-comment.js'
import type { Imports } from './imports.js'
import { firstFitting, fits, indent, quote } from './layout.js'
import { methodName } from './names.js'

/** The definition of a service: what `service.handle` and `service.client` take. */
export function serviceLines(name: string, service: ServiceDescriptor, imports: Imports): readonly string[] {
  imports.headrace('headrace/streams', 'defineService', 'value')
  const head = `export const ${name} = defineService(${quote(service.name)}, {`
  const used = new Set<string>()
  const methods = service.methods.flatMap(method => {
    let key = methodName(method.name)
    while (used.has(key)) key += '_'
    used.add(key)
    return [...docComment(method, 1), ...methodLines(key, method, imports)]
  })
  const doc = docComment(service)
  if (methods.length === 0) return [...doc, `${head}})`]
  return [...doc, head, ...indent(methods), '})']
}

function methodLines(key: string, method: MethodDescriptor, imports: Imports): readonly string[] {
  imports.headrace('headrace/streams', 'rpc', 'value')
  const types = [imports.type(method.input.name, 'value'), imports.type(method.output.name, 'value')]
  const options = optionsOf(key, method)
  const call = `${key}: rpc.${cardinalityOf(method)}(`
  const last = options.length === 0 ? [] : [`{ ${options.join(', ')} }`]
  const oneLine = `${call}${[...types, ...last].join(', ')}),`
  const broken = [call, ...[...types, ...last].map(each => `  ${each},`), '),']
  if (fits(`  ${oneLine}`)) return [oneLine]
  const hugging = `${call}${types.join(', ')}, {`
  if (options.length > 0 && fits(`  ${hugging}`))
    return [hugging, ...options.map(each => `  ${each},`), '}),']
  return firstFitting(broken)
}

function cardinalityOf({ clientStreaming, serverStreaming }: MethodDescriptor): string {
  if (clientStreaming) return serverStreaming ? 'bidi' : 'clientStream'
  return serverStreaming ? 'serverStream' : 'unary'
}

function optionsOf(key: string, { name, idempotent }: MethodDescriptor): readonly string[] {
  const usual = `${key.charAt(0).toUpperCase()}${key.slice(1)}`
  return [...(name === usual ? [] : [`name: ${quote(name)}`]), ...(idempotent ? ['idempotent: true'] : [])]
}
