import type { Samples } from './run/samples.js'

/** What this project promises of its speed, and whether the run has shown it. */
export interface Requirement {
  readonly says: string
  /** What was measured, or `undefined` when the run did not measure it. */
  measured(samples: Samples): number | undefined
  /** Behind what was measured. */
  readonly unit: string
  readonly digits: number
  met(measured: number): boolean
}

const proto = 'headrace-protobuf'
const json = 'headrace-json'
const runtimes = ['nestjs-tcp', 'cote', 'moleculer-tcp', 'moleculer-nats', 'grpc'] as const

type Bound = 'at least' | 'at most'

/** A median of one peer as a multiple of another's. */
function ratio(
  what: string,
  [scenario, metric]: readonly [string, string],
  [ours, theirs]: readonly [string, string],
  bound: Bound,
  limit: number,
  theirMetric = metric,
): Requirement {
  return {
    says: `${what}: ${ours} ${bound} ${limit} times ${theirs}`,
    measured(samples) {
      const a = samples.median(scenario, ours, metric)
      const b = samples.median(scenario, theirs, theirMetric)
      return a === undefined || b === undefined ? undefined : a / b
    },
    ...within(bound, limit),
  }
}

/** A median of one peer as a multiple of the best of several. */
function ratioToBest(
  what: string,
  [scenario, metric]: readonly [string, string],
  theirs: readonly string[],
  best: 'most' | 'least',
  bound: Bound,
  limit: number,
): Requirement {
  return {
    says: `${what}: ${proto} ${bound} ${limit} times the ${best} of ${theirs.join(', ')}`,
    measured(samples) {
      const a = samples.median(scenario, proto, metric)
      const known = theirs.flatMap(peer => samples.median(scenario, peer, metric) ?? [])
      if (a === undefined || known.length === 0) return undefined
      return a / (best === 'most' ? Math.max(...known) : Math.min(...known))
    },
    ...within(bound, limit),
  }
}

function pick(strategy: string): Requirement {
  return {
    says: `A pick by ${strategy} among 1,000 nodes, with a version filter and one ejected node: at most 50 ns`,
    measured: samples => samples.median('pick', strategy, 'of1000'),
    unit: ' ns',
    digits: 0,
    met: nanos => nanos <= 50,
  }
}

function within(bound: Bound, limit: number): Pick<Requirement, 'unit' | 'digits' | 'met'> {
  return { unit: '×', digits: 2, met: times => (bound === 'at least' ? times >= limit : times <= limit) }
}

const calls = ['calls-64', 'perSecond'] as const

/** Everything that is promised. */
export const requirements: readonly Requirement[] = [
  ratio('The run is valid: 64 calls in flight', calls, ['raw', 'ws'], 'at least', 3),
  ratio('64 calls in flight', calls, [proto, 'raw'], 'at least', 0.4),
  ratioToBest('64 calls in flight', calls, runtimes, 'most', 'at least', 3),
  ratio('64 calls in flight', calls, [json, 'raw-json'], 'at least', 0.5),
  ratio(
    'Processor time of the client, 64 in flight',
    ['calls-64', 'clientMicros'],
    [proto, 'raw'],
    'at most',
    2.7,
  ),
  ratio('One call at a time, p50', ['calls-1', 'p50'], [proto, 'raw'], 'at most', 1.25),
  ratio('Echo of 64 KiB', ['echo-64k', 'megabytes'], [proto, 'raw'], 'at least', 0.7),
  ratio('Server stream', ['server-stream', 'perSecond'], [proto, 'raw'], 'at least', 0.25),
  ratio('Server stream', ['server-stream', 'perSecond'], [proto, 'grpc'], 'at least', 10),
  ratio(
    'Server stream, for await',
    ['server-stream', 'iteratedPerSecond'],
    [proto, 'raw'],
    'at least',
    0.15,
    'perSecond',
  ),
  ratio('Bidirectional stream', ['bidi-stream', 'perSecond'], [proto, 'raw'], 'at least', 0.25),
  ratio(
    'Bidirectional stream, for await',
    ['bidi-stream', 'iteratedPerSecond'],
    [proto, 'raw'],
    'at least',
    0.15,
    'perSecond',
  ),
  ...(['publish-1', 'publish-8'] as const).flatMap(scenario => [
    ratio(`Published stream, ${scenario}`, [scenario, 'streamedPerSecond'], [proto, 'raw'], 'at least', 0.12),
    ratio(`Published stream, ${scenario}`, [scenario, 'streamedPerSecond'], [proto, 'nats'], 'at least', 1),
    ratio(`Single publishes, ${scenario}`, [scenario, 'perSecond'], [proto, 'raw'], 'at least', 0.4),
  ]),
  ratio('64 calls in flight, in one process', calls, ['headrace-memory', 'raw'], 'at least', 0.7),
  ratio('64 calls in flight, plain wire', calls, ['headrace-plain-json', 'node-undici'], 'at least', 1),
  ratio(
    'One call at a time, p50, plain wire',
    ['calls-1', 'p50'],
    ['headrace-plain-json', 'node-undici'],
    'at most',
    1,
  ),
  ...['random', 'round robin', 'power of two'].map(pick),
  ratio('Start until it listens', ['start', 'readyMs'], [proto, 'raw'], 'at most', 2.5),
  ratio('Start to a client’s first answer', ['start', 'firstMs'], [proto, 'raw'], 'at most', 3),
  ratio('Memory after 100,000 calls', ['memory', 'usedMegabytes'], [proto, 'ws'], 'at most', 1.5),
  ratioToBest('Memory after 100,000 calls', ['memory', 'usedMegabytes'], runtimes, 'least', 'at most', 1),
  {
    says: '10,000 calls started in one turn all succeed',
    measured: samples => samples.median('burst', proto, 'failed'),
    unit: ' failed',
    digits: 0,
    met: failed => failed === 0,
  },
  {
    says: '10,000 calls started in one turn share one connection',
    measured: samples => samples.median('burst', proto, 'connections'),
    unit: '',
    digits: 0,
    met: connections => connections === 1,
  },
  {
    says: 'npm start prints Hello John within 3,000 ms',
    measured: samples => samples.median('npm-start', 'npm start', 'helloMs'),
    unit: ' ms',
    digits: 0,
    met: ms => ms <= 3000,
  },
  {
    says: 'A service is ready within 300 ms of its own',
    measured: samples => samples.median('npm-start', 'service, mdns and http', 'readyMs'),
    unit: ' ms',
    digits: 0,
    met: ms => ms <= 300,
  },
]
