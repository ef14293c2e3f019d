import { ServiceError } from '../../streams/index.js'
import { uint32 } from './frame-reader.js'
import { frameType, settingId } from './frames.js'
import type { MuxLimits } from './limits.js'
import { violation } from './reasons.js'

/** What a side tells its peer first: what the peer may send. */
export type PeerSettings = Readonly<Record<keyof typeof settingId, number>>

const names = Object.keys(settingId) as (keyof typeof settingId)[]

/** Every setting is a byte that names it and four of its value. */
const entryBytes = 5

/** The payload of the settings frame. */
export function writeSettings(limits: MuxLimits): Uint8Array {
  const bytes = new Uint8Array(names.length * entryBytes)
  const view = new DataView(bytes.buffer)
  names.forEach((name, index) => {
    view.setUint8(index * entryBytes, settingId[name])
    view.setUint32(index * entryBytes + 1, limits[name])
  })
  return bytes
}

/** Reads the first frame of a connection. Throws `bad_request` when it is not of settings. */
export function readFirst(type: number, bytes: Uint8Array, start: number, end: number): PeerSettings {
  if (type === frameType.settings) return readSettings(bytes, start, end)
  throw violation(`the first frame is of type ${type}, not settings`)
}

/** Reads the payload of a settings frame; settings with unknown numbers are passed over. Throws `bad_request` when one is missing or impossible. */
function readSettings(bytes: Uint8Array, start: number, end: number): PeerSettings {
  const settings: Partial<Record<keyof typeof settingId, number>> = {}
  for (let at = start; at + entryBytes <= end; at += entryBytes) {
    const name = names.find(each => settingId[each] === bytes[at])
    if (name !== undefined) settings[name] = uint32(bytes, at + 1)
  }
  for (const name of names) {
    const value = settings[name]
    if (value !== undefined && value > 0 && value <= 0x7fffffff) continue
    throw new ServiceError('bad_request', `fast lane: the setting ${name} is ${value ?? 'missing'}`)
  }
  return settings as PeerSettings
}

/** Throws `resource_exhausted` when the peer takes no message with so many bytes of headers and of body. */
export function checkSize(peer: PeerSettings | undefined, block: number, body: number): void {
  if (peer === undefined || (block <= peer.maxHeaderBytes && block + body <= peer.maxMessageBytes)) return
  const { maxHeaderBytes, maxMessageBytes } = peer
  throw new ServiceError(
    'resource_exhausted',
    `a message of ${block} bytes of headers and ${body} of body is more than the peer takes: ${maxHeaderBytes} of headers, ${maxMessageBytes} in all`,
  )
}
