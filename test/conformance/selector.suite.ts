import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'
import { choiceLaws, filterLaws, waitingLaws } from './selector/choice-laws.js'
import { ejectionLaws, loadLaws, outageLaws } from './selector/feedback-laws.js'
import { lifetimeLaws } from './selector/lifetime-laws.js'
import type { SelectorSubject } from './selector/subject.js'

export type { SelectorSubject }

/** The promises of a selector that reads a registry. */
export const selectorLaws: readonly Law<SelectorSubject>[] = [
  ...choiceLaws,
  ...filterLaws,
  ...waitingLaws,
  ...loadLaws,
  ...ejectionLaws,
  ...outageLaws,
  ...lifetimeLaws,
]

/** Declares a test for each law of a selector. */
export function proveSelector(runner: TestRunner, title: string, subjects: Subjects<SelectorSubject>): void {
  proveLaws(runner, title, selectorLaws, subjects)
}
