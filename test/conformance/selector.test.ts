import { describe, it } from 'vitest'
import { selectorFactories } from 'headrace/actors'
import { selectorSubjects } from '../support/selector-subjects.js'
import { proveSelector } from './selector.suite.js'

const runner = { describe, it }

proveSelector(runner, 'the default selector', selectorSubjects(selectorFactories.default, 1_000))
proveSelector(runner, 'the label selector', selectorSubjects(selectorFactories.label, 1_000))
proveSelector(runner, 'the blacklist selector', selectorSubjects(selectorFactories.blacklist, 30_000))
