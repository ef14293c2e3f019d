import { deliveryLaws } from './broker/delivery-laws.js'
import { endingLaws } from './broker/ending-laws.js'
import { pressureLaws } from './broker/pressure-laws.js'
import type { BrokerSubject } from './broker/subject.js'
import { streamLaws } from './broker/stream-laws.js'
import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'

export type { BrokerSubject }

/**
 * What every broker promises. Features: `loss` (the subject can disconnect), `redelivery` (a nacked message is delivered
 * again), `nacks` (publishers hear of nacks).
 */
export const brokerLaws: readonly Law<BrokerSubject>[] = [
  ...deliveryLaws,
  ...pressureLaws,
  ...streamLaws,
  ...endingLaws,
]

/** Declares a test for each law of a broker. */
export function proveBroker(runner: TestRunner, title: string, subjects: Subjects<BrokerSubject>): void {
  proveLaws(runner, title, brokerLaws, subjects)
}
