/** Prints how long a service takes from its first line to `ready`, and how much of that are imports. For own/npm-start.ts. */
const began = performance.now()
const { createService } = await import('headrace')
const service = createService({
  name: `ready-${process.pid}`,
  address: '127.0.0.1:0',
  argv: ['--registry_address=127.0.0.1', '--broker_address=127.0.0.1:0'],
  env: {},
  log: false,
})
const importsMs = performance.now() - began
service.handle({ Greeter: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) } })
await service.start()
console.log(JSON.stringify({ importsMs, readyMs: performance.now() - began }))
await service.close({ lingerMs: 0 })
