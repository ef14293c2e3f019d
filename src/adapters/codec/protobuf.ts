import { ServiceError, type Codec, type TypeRef } from '../../streams/index.js'

/** The protobuf codec. It needs a type for each body: `bad_request` says how to get one. */
export function protobuf(): Codec {
  return {
    name: 'protobuf',
    encode: (value, type) => typeOf(type).encodeBinary(value),
    decode: (body, type) => typeOf(type).decodeBinary(body),
  }
}

function typeOf(type: TypeRef | undefined): TypeRef {
  if (type !== undefined) return type
  throw new ServiceError(
    'bad_request',
    'protobuf: the endpoint has no message types; load its .proto file (loadProto) or use application/json',
  )
}
