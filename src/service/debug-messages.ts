const text = (number: number, name: string) => ({ name, number, type: 'string' })
const int64 = (number: number, name: string) => ({ name, number, type: 'int64' })
const uint64 = (number: number, name: string) => ({ name, number, type: 'uint64' })

/** The messages of go-micro's built-in handler (PROTOCOL section 5.2). */
export const debugMessages = {
  messages: {
    HealthRequest: [],
    HealthResponse: [text(1, 'status')],
    StatsRequest: [],
    StatsResponse: [
      ...[uint64(1, 'started'), uint64(2, 'uptime'), uint64(3, 'memory')],
      ...[uint64(4, 'threads'), uint64(5, 'gc')],
    ],
    LogRequest: [
      ...[text(1, 'service'), { name: 'stream', number: 2, type: 'bool' }],
      ...[int64(3, 'count'), int64(4, 'since')],
    ],
    Record: [int64(1, 'timestamp'), text(2, 'value'), { ...text(3, 'metadata'), key: 'string' }],
  },
}

/** Those whose field numbers are others in version 1 (PROTOCOL section 14.2). */
export const versionOneMessages = {
  messages: {
    HealthRequest: [text(1, 'service')],
    HealthResponse: [text(1, 'status')],
    StatsRequest: [text(1, 'service')],
    StatsResponse: [
      ...[uint64(1, 'timestamp'), uint64(2, 'started'), uint64(3, 'uptime')],
      ...[uint64(4, 'memory'), uint64(5, 'threads'), uint64(6, 'gc')],
    ],
  },
}
