import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'
import { lifetimeLaws } from './registry/lifetime-laws.js'
import { lookupLaws } from './registry/lookup-laws.js'
import type { RegistrySubject } from './registry/subject.js'
import { watchLaws } from './registry/watch-laws.js'

export type { RegistrySubject }

/** The promises of a registry. */
export const registryLaws: readonly Law<RegistrySubject>[] = [...lookupLaws, ...watchLaws, ...lifetimeLaws]

/** Declares a test for each law of a registry. */
export function proveRegistry(runner: TestRunner, title: string, subjects: Subjects<RegistrySubject>): void {
  proveLaws(runner, title, registryLaws, subjects)
}
