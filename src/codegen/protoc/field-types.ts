import type { ScalarType } from '../descriptor.js'

type FieldType =
  { readonly kind: 'scalar'; readonly scalar: ScalarType } | { readonly kind: 'message' | 'group' | 'enum' }

const scalar = (name: ScalarType): FieldType => ({ kind: 'scalar', scalar: name })

/** FieldDescriptorProto.Type: what its numbers stand for. */
export const fieldTypes: Readonly<Record<number, FieldType>> = {
  ...{ 1: scalar('double'), 2: scalar('float'), 3: scalar('int64'), 4: scalar('uint64'), 5: scalar('int32') },
  ...{ 6: scalar('fixed64'), 7: scalar('fixed32'), 8: scalar('bool'), 9: scalar('string') },
  ...{ 10: { kind: 'group' }, 11: { kind: 'message' }, 12: scalar('bytes'), 13: scalar('uint32') },
  ...{ 14: { kind: 'enum' }, 15: scalar('sfixed32'), 16: scalar('sfixed64') },
  ...{ 17: scalar('sint32'), 18: scalar('sint64') },
}
