/** The laws of headrace's interfaces, to prove adapters, strategies and selectors of your own with. */
export { brokenLaws, proveLaws, within, type Law, type Subjects, type TestRunner } from './law.js'
export { proveSelector, selectorLaws, type SelectorSubject } from './selector.suite.js'
export {
  arbitraries,
  type FastCheck,
  type Outcome,
  type SelectorArbitraries,
} from './strategy/arbitraries.js'
export { proveStrategy, strategyLaws, type StrategyPromises } from './strategy.suite.js'
