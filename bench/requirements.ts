import { reference, subject } from './peers.js'
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

/** How many times the reference's number the subject's is. */
function timesReference(samples: Samples, scenario: string, metric: string): number | undefined {
  const ours = samples.median(scenario, subject, metric)
  const theirs = samples.median(scenario, reference, metric)
  return ours === undefined || theirs === undefined ? undefined : ours / theirs
}

function growthOf(strategy: string): Requirement {
  return {
    says: `A pick by ${strategy} from 10,000 nodes takes at most 2 times what it takes from 10`,
    measured: samples => samples.median('pick', strategy, 'growth'),
    unit: '×',
    digits: 2,
    met: growth => growth <= 2,
  }
}

/** Everything that is promised. */
export const requirements: readonly Requirement[] = [
  {
    says: `64 calls in flight: at least the calls per second of ${reference}`,
    measured: samples => timesReference(samples, 'calls-64', 'perSecond'),
    unit: '×',
    digits: 2,
    met: times => times >= 1,
  },
  {
    says: `One call at a time: p50 not above that of ${reference}`,
    measured: samples => timesReference(samples, 'calls-1', 'p50'),
    unit: '×',
    digits: 2,
    met: times => times <= 1,
  },
  growthOf('random'),
  growthOf('round robin'),
  growthOf('power of two'),
  {
    says: '10,000 calls started in one turn all succeed',
    measured: samples => samples.median('burst', subject, 'failed'),
    unit: ' failed',
    digits: 0,
    met: failed => failed === 0,
  },
  {
    says: 'npm start prints Hello John within 3,000 ms',
    measured: samples => samples.median('start', 'npm start', 'helloMs'),
    unit: ' ms',
    digits: 0,
    met: ms => ms <= 3000,
  },
  {
    says: 'A service is ready within 300 ms of its own',
    measured: samples => samples.median('start', 'service, mdns and http', 'readyMs'),
    unit: ' ms',
    digits: 0,
    met: ms => ms <= 300,
  },
]
