import { ServiceError } from '../../streams/index.js'

/** The 4 or 16 bytes of an IP address in text form. Throws `bad_request` for anything else, a host name included. */
export function parseIp(text: string): Uint8Array {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  if (bytes === undefined) throw new ServiceError('bad_request', `'${text}' is not an IP address`)
  return Uint8Array.from(bytes)
}

/** The text of 4 or 16 address bytes; IPv6 in the short form of RFC 5952. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  const { start, length } = longestZeroRun(groups)
  const hex = groups.map(group => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

function parseIpv4(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every(byte => byte < 256) ? bytes : undefined
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = [groupBytes(halves[0] ?? ''), groupBytes(halves[1] ?? '')]
  if (head === undefined || tail === undefined) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  return [...head, ...Array<number>(missing).fill(0), ...tail]
}

function groupBytes(text: string): number[] | undefined {
  const bytes: number[] = []
  const groups = text === '' ? [] : text.split(':')
  for (const [at, group] of groups.entries()) {
    const quad = at === groups.length - 1 ? parseIpv4(group) : undefined
    if (quad !== undefined) bytes.push(...quad)
    else if (/^[0-9A-Fa-f]{1,4}$/.test(group))
      bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff)
    else return undefined
  }
  return bytes.length <= 16 ? bytes : undefined
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0
    while (groups[start + length] === 0) length += 1
    if (length > best.length) best = { start, length }
  }
  return best
}
