import type { FlagValues, serviceFlags } from '../../flags.js'
import type { Finding } from './finding.js'

/** The settings that decide where services are looked for, and where they come from. */
export function checkEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  {
    registry = 'mdns',
    registry_address: addresses = [],
    transport = 'http',
    broker = 'http',
  }: FlagValues<typeof serviceFlags>,
): readonly Finding[] {
  const at = addresses.length === 0 ? '' : ` at ${addresses.join(', ')}`
  const text = `registry ${registry}${at}, transport ${transport}, broker ${broker}`
  const variables = Object.entries(env).flatMap(([name, value = '']) =>
    name.startsWith('MICRO_') && value !== '' ? [`${name}=${value}`] : [],
  )
  const settings: Finding = { check: 'settings', status: 'ok', text }
  if (registry === 'memory') {
    const memory: Finding = {
      check: 'settings',
      status: 'problem',
      text: 'the memory registry ends with its process: nobody else is found in it',
      advice: '--registry=mdns needs nothing to be installed',
    }
    return [settings, memory]
  }
  if (variables.length === 0) return [settings]
  return [settings, { check: 'environment', status: 'ok', text: variables.join(' ') }]
}
