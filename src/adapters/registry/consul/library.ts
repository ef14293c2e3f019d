import type Consul from 'consul'
import { ServiceError } from '../../../streams/index.js'

/** The class of the npm package `consul`. */
export type ConsulLibrary = typeof Consul

/** Loads the npm package. Rejects with `unavailable` that says how to install it when it is not there. */
export async function loadConsul(
  load: () => Promise<{ default: ConsulLibrary }> = importConsul,
): Promise<ConsulLibrary> {
  try {
    return (await load()).default
  } catch (cause) {
    const text =
      'consul registry: the package consul cannot be loaded; install it beside headrace: npm install consul'
    throw new ServiceError('unavailable', text, { cause })
  }
}

function importConsul(): Promise<{ default: ConsulLibrary }> {
  return import('consul')
}
