import { BehaviorSubject } from 'rxjs'
import { all, byLabel, byVersion, createService, not, roundRobin, type Filter } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** Who may be chosen: filters for one call, for all calls of a service, and one that changes while the service runs. */
export async function main({ print, options }: Example): Promise<void> {
  const nodes = [
    { version: '1.0.0', metadata: { zone: 'north', load: '80' } },
    { version: '1.0.0', metadata: { zone: 'south', load: '20' } },
    { version: '2.0.0', metadata: { zone: 'south', load: '50' } },
  ].map(({ version, metadata }) => {
    const service = createService({ name: 'weather', version, metadata, ...options() })
    const answer = { text: `${version} in the ${metadata.zone}` }
    service.handle({ Weather: { Where: () => answer } })
    return service
  })
  await Promise.all(nodes.map(node => node.start()))

  // #region filters
  const maintenance = new BehaviorSubject<Filter>(() => true)
  const service = createService({
    name: 'weather.client',
    strategy: roundRobin(),
    filters: [maintenance], // live: each function that it emits replaces the one before, for every call
    ...options(),
  })
  const weather = service.client('weather')
  const newest = byVersion('2.0.0') // made once: lists are kept for each filter object
  const oldSouth = all(byVersion('1.0.0'), byLabel('zone', 'south'))
  const quiet: Filter = ({ metadata }) => Number(metadata['load']) < 30
  // #endregion filters

  const ask = async (what: string, filter?: Filter) => {
    const call = weather.call<{ text: string }>('Weather.Where', {}, filter === undefined ? {} : { filter })
    const { text } = await call
    print(`${what}: ${text}`)
  }
  await ask('the newest', newest)
  await ask('the old one in the south', oldSouth)
  await ask('a quiet one', quiet)

  maintenance.next(not(byLabel('zone', 'south')))
  await ask('while the south is closed')
  await ask('and again')
  const refused = await weather.call('Weather.Where', {}, { filter: newest }).catch(String)
  print(`the newest, while the south is closed: ${String(refused)}`)
  maintenance.next(() => true)
  await ask('the newest, when it is open again', newest)

  await service.close()
  await Promise.all(nodes.map(node => node.close()))
}

await runExample(import.meta.url, main)
