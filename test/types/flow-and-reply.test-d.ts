import { map, type Observable } from 'rxjs'
import { expectTypeOf } from 'vitest'
import { bounded, paced, toObservable, work, type Flow, type Reply } from 'headrace/streams'

declare const reply: Reply<{ greeting: string }>
declare const nothing: Reply<void>
declare const flow: Flow<number>

// What a user calls and can await is a Reply: an Observable and a promise of one type.
expectTypeOf(reply).toExtend<Observable<{ greeting: string }>>()
expectTypeOf<Awaited<typeof reply>>().toEqualTypeOf<{ greeting: string }>()
expectTypeOf<Awaited<typeof nothing>>().toEqualTypeOf<void>()

// `then`, `catch` and `finally` exist and return real Promises.
expectTypeOf(reply.catch(() => 1)).toEqualTypeOf<Promise<{ greeting: string } | number>>()
expectTypeOf(reply.finally(() => undefined)).toEqualTypeOf<Promise<{ greeting: string }>>()
expectTypeOf(reply.then(({ greeting }) => greeting)).toEqualTypeOf<Promise<string>>()
const both = Promise.all([reply, reply])
expectTypeOf<Awaited<typeof both>>().toExtend<[{ greeting: string }, { greeting: string }]>()

// `reply.pipe(…)` is a plain Observable: it cannot be awaited for its value.
const piped = reply.pipe(map(({ greeting }) => greeting))
expectTypeOf(piped).toEqualTypeOf<Observable<string>>()
// @ts-expect-error a plain Observable has no then
piped.then

// A Flow is an Observable and can be iterated.
expectTypeOf(flow).toExtend<Observable<number>>()
expectTypeOf(flow).toExtend<AsyncIterable<number>>()

// `flow.pipe(op)` is a plain Observable and cannot be iterated.
const doubled = flow.pipe(map(value => value * 2))
expectTypeOf(doubled).toEqualTypeOf<Observable<number>>()
// @ts-expect-error a plain Observable has no iterator
doubled[Symbol.asyncIterator]

// A Flow cannot be awaited: it has many values.
// @ts-expect-error there is no then
flow.then

// `work` gives what its function gives, in whatever form.
declare const record: { readonly id: string }
declare function rows(): AsyncGenerator<Uint8Array>
declare function steps(): Generator<boolean>
expectTypeOf(flow.pipe(work(() => record))).toEqualTypeOf<Observable<{ readonly id: string }>>()
expectTypeOf(flow.pipe(work(async () => record, 4))).toEqualTypeOf<Observable<{ readonly id: string }>>()
expectTypeOf(flow.pipe(work(() => reply, 4))).toEqualTypeOf<Observable<{ greeting: string }>>()
expectTypeOf(flow.pipe(work(() => flow))).toEqualTypeOf<Observable<number>>()
expectTypeOf(flow.pipe(work(() => rows()))).toEqualTypeOf<Observable<Uint8Array>>()
expectTypeOf(flow.pipe(work(() => steps()))).toEqualTypeOf<Observable<boolean>>()
expectTypeOf(flow.pipe(work(value => [value]))).toEqualTypeOf<Observable<number[]>>()
expectTypeOf(flow.pipe(work(value => String(value)))).toEqualTypeOf<Observable<string>>()
// @ts-expect-error the value is a number
flow.pipe(work((value: string) => value))

// `bounded` applied to an Observable is a Flow; `paced` takes any source.
expectTypeOf(bounded<number>(10, 'drop-oldest')(doubled)).toEqualTypeOf<Flow<number>>()
expectTypeOf(paced([1, 2], doubled)).toEqualTypeOf<Observable<number>>()
expectTypeOf(paced(rows(), doubled)).toEqualTypeOf<Observable<Uint8Array>>()
// @ts-expect-error the known rules are drop-oldest, drop-newest and fail
bounded(10, 'block')

// A unary result is a value, a promise of one or an Observable of one.
expectTypeOf(toObservable<number[]>([1])).toEqualTypeOf<Observable<number[]>>()
