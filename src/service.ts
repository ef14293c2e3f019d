import type { OwnFlags, ServiceOptions } from './service/options.js'
import { processFacts } from './service/process-facts.js'
import { ServiceHost } from './service/service-host.js'
import type { Service } from './service/service-types.js'
import { resolveSettings } from './service/settings.js'

/**
 * Makes a service. Nothing is opened until it is started or first used. Throws `bad_request` for an option or a flag that does not fit.
 *
 * @example
 * const service = createService({ name: 'greeter' })
 * service.handle({ Greeter: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) } })
 * await service.run()
 */
export function createService<const F extends OwnFlags = Record<never, never>>(
  options: ServiceOptions<F>,
): Service<F> {
  return new ServiceHost(resolveSettings(options, processFacts()))
}
