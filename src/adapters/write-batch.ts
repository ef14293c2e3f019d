import type { Socket } from 'node:net'

/** Up to here copying messages together costs less than writing them one by one. */
const joinUpTo = 64 * 1024

/** Heads and bodies of HTTP messages that go out together at the end of a turn. */
export class WriteBatch {
  /** How many bytes wait. */
  bytes = 0
  private heads: string[] = []
  private bodies: Uint8Array[] = []

  /** `head` has one character for each byte. */
  add(head: string, body: Uint8Array): void {
    this.heads.push(head)
    this.bodies.push(body)
    this.bytes += head.length + body.byteLength
  }

  /** Writes all of it with one call of the system where it is small. */
  writeTo(socket: Socket): void {
    const { heads, bodies, bytes } = this
    this.clear()
    if (bytes <= joinUpTo) {
      socket.write(join(heads, bodies, bytes))
      return
    }
    socket.cork()
    heads.forEach((head, index) => {
      socket.write(head, 'latin1')
      const body = bodies[index]
      if (body !== undefined && body.byteLength > 0) socket.write(body)
    })
    socket.uncork()
  }

  clear(): void {
    this.heads = []
    this.bodies = []
    this.bytes = 0
  }
}

function join(heads: readonly string[], bodies: readonly Uint8Array[], bytes: number): Buffer {
  const joined = Buffer.allocUnsafe(bytes)
  let at = 0
  for (let index = 0; index < heads.length; index += 1) {
    at += joined.write(heads[index] ?? '', at, 'latin1')
    const body = bodies[index]
    if (body === undefined) continue
    joined.set(body, at)
    at += body.byteLength
  }
  return joined
}
