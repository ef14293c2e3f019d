import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'
import { addressLaws } from './transport/address-laws.js'
import { channelLaws } from './transport/channel-laws.js'
import { endingLaws } from './transport/ending-laws.js'
import { flowLaws } from './transport/flow-laws.js'
import { linkLaws } from './transport/link-laws.js'
import type { TransportSubject } from './transport/subject.js'

export type { TransportSubject }

/** The promises of a transport. Feature `halfClose`: one direction can end while the other goes on. */
export const transportLaws: readonly Law<TransportSubject>[] = [
  ...addressLaws,
  ...linkLaws,
  ...channelLaws,
  ...flowLaws,
  ...endingLaws,
]

/** Declares a test for each law of a transport. */
export function proveTransport(
  runner: TestRunner,
  title: string,
  subjects: Subjects<TransportSubject>,
): void {
  proveLaws(runner, title, transportLaws, subjects)
}
