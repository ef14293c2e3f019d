import type { FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'

/** Every message type of a file with its full name, in the order of the source; what is nested follows its parent. */
export function messagesOf({
  package: scope,
  messages,
}: FileDescriptor): readonly (readonly [string, MessageDescriptor])[] {
  const list = (
    outer: string,
    each: readonly MessageDescriptor[],
  ): readonly (readonly [string, MessageDescriptor])[] =>
    each.flatMap(message => {
      const full = inScope(outer, message.name)
      return [[full, message] as const, ...list(full, message.messages)]
    })
  return list(scope, messages)
}
