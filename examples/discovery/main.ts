import {
  catchError,
  combineLatest,
  distinctUntilChanged,
  filter,
  firstValueFrom,
  map,
  merge,
  of,
  share,
  switchMap,
  tap,
  type Observable,
} from 'rxjs'
import { createService, type Service, type ServiceNode } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** `discover` is a live list of nodes, and what is made of it is live as well: mapped, joined with another, asked for its health. */
export function dashboard(service: Service): Observable<string> {
  // #region discover
  const orders = service.discover('shop.orders')
  const stock = service.discover('shop.stock')

  const versions = orders.pipe(map(nodes => nodes.map(({ version }) => version).sort()))
  const open = combineLatest([orders, stock]).pipe(map(lists => lists.every(({ length }) => length > 0)))
  const healthy = orders.pipe(switchMap(nodes => countHealthy(service, nodes))) // a new list ends the old questions
  // #endregion discover
  return merge(
    versions.pipe(map(list => `orders run: ${list.join(', ') || 'none'}`)),
    open.pipe(
      map(isOpen => `the shop is ${isOpen ? 'open' : 'closed'}`),
      distinctUntilChanged(),
    ),
    healthy.pipe(map(count => `healthy: ${count}`)),
  )
}

/** How many of these nodes say that they are well. Each is called at its address, not chosen. */
function countHealthy(service: Service, nodes: readonly ServiceNode[]): Observable<number> {
  if (nodes.length === 0) return of(0)
  const answers = nodes.map(({ service: name, address }) =>
    service
      .client(name)
      .call<{ status: string }>('Debug.Health', {}, { address })
      .pipe(
        map(({ status }) => status === 'ok'),
        catchError(() => of(false)),
      ),
  )
  return combineLatest(answers).pipe(map(all => all.filter(ok => ok).length))
}

/** Shows the dashboard while nodes come and go. */
export async function main({ print, options }: Example): Promise<void> {
  const watcher = createService({ name: 'shop.dashboard', ...options() })
  const board = dashboard(watcher).pipe(tap(print), share())
  const watching = board.subscribe()
  const shows = async (line: string, step = Promise.resolve()) => {
    await Promise.all([firstValueFrom(board.pipe(filter(shown => shown === line))), step])
  }

  const [old, next] = ['1.0.0', '1.1.0'].map(version =>
    createService({ name: 'shop.orders', version, ...options() }),
  ) as [Service, Service]
  const stock = createService({ name: 'shop.stock', ...options() })

  await shows('the shop is closed')
  await shows('healthy: 1', old.start())
  await shows('the shop is open', stock.start())
  await shows('healthy: 2', next.start())
  await shows('healthy: 1', old.close())
  await shows('the shop is closed', stock.close())

  watching.unsubscribe()
  await next.close()
  await watcher.close()
}

await runExample(import.meta.url, main)
