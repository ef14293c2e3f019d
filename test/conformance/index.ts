/** The laws of headrace's interfaces, to prove adapters, strategies and selectors of your own with. */
export { brokerLaws, proveBroker, type BrokerSubject } from './broker.suite.js'
export { codecLaws, proveCodec, type CodecSample, type CodecSubject } from './codec.suite.js'
export { envelopeLaws, proveEnvelope, type EnvelopeSubject } from './envelope.suite.js'
export {
  exchangeLaws,
  proveExchange,
  type ExchangeSubject,
  type Item,
  type TestDefinition,
} from './exchange.suite.js'
export { brokenLaws, proveLaws, within, type Law, type Subjects, type TestRunner } from './law.js'
export { proveRegistry, registryLaws, type RegistrySubject } from './registry.suite.js'
export { proveSelector, selectorLaws, type SelectorSubject } from './selector.suite.js'
export {
  arbitraries,
  type FastCheck,
  type Outcome,
  type SelectorArbitraries,
} from './strategy/arbitraries.js'
export { proveStrategy, strategyLaws, type StrategyPromises } from './strategy.suite.js'
export { proveTransport, transportLaws, type TransportSubject } from './transport.suite.js'
