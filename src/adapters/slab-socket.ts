import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'

/** So much memory is reserved at once for what comes. */
const slabBytes = 64 * 1024

/** With less than this left, a read gets new memory. */
const leastRead = 16 * 1024

/**
 * Connects a socket whose reads lie one behind another in larger pieces of memory, which are never written to again. By itself Node reserves 64 KiB for each read and
 * gives back what it did not need: for a small answer that costs more than to read it. Apart from this it is a socket as any other, with `data` events.
 */
export function connectSlabSocket(options: TcpNetConnectOpts): Socket {
  let free = reserve()
  const socket = connect({
    ...options,
    onread: {
      buffer: () => free,
      callback: (bytes, memory) => {
        free = free.length - bytes < leastRead ? reserve() : free.subarray(bytes)
        socket.emit('data', memory.subarray(0, bytes))
        return true
      },
    },
  })
  return socket
}

/** Without the class of Node's buffers, whose views cost twice as much. */
function reserve(): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(slabBytes).buffer)
}
