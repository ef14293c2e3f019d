import 'reflect-metadata'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type ClientProxy,
  type ClientTCP,
} from '@nestjs/microservices'
import { firstValueFrom } from 'rxjs'
import { freePort } from './free-port.js'
import { hundredBytes, type Peer } from './peer.js'

class BenchController {
  hello({ name }: { name: string }): { greeting: string } {
    return { greeting: `Hello ${name}` }
  }

  echo(value: unknown): unknown {
    return value
  }
}

class BenchModule {}

/** NestJS microservices with the TCP transport. */
export const nestjsTcp: Peer = {
  about: 'NestJS microservices, TCP transport, JSON',

  async serve() {
    decorate()
    const port = await freePort()
    const app = await NestFactory.createMicroservice(BenchModule, {
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
      logger: false,
    })
    await app.listen()
    return { address: String(port), close: () => app.close() }
  },

  async connect(_, address) {
    const clients: ClientProxy[] = []
    for (let number = 0; number < 8; number += 1) clients.push(await clientTo(Number(address)))
    const [first] = clients
    if (first === undefined) throw new Error('no client')
    const event = { text: hundredBytes }
    return {
      call: name => firstValueFrom(first.send<{ greeting: string }>('hello', { name })),
      echo: payload => firstValueFrom(first.send('echo', { payload })),
      publish: subscribers =>
        Promise.all(clients.slice(0, subscribers).map(each => firstValueFrom(each.send('echo', event)))),
      close: async () => {
        for (const client of clients) (client as ClientTCP).close()
      },
    }
  },
}

/** What `@Module`, `@Controller` and `@MessagePattern` do where decorators are compiled. */
function decorate(): void {
  for (const name of ['hello', 'echo'] as const) {
    const property = Object.getOwnPropertyDescriptor(BenchController.prototype, name)
    if (property !== undefined) MessagePattern(name)(BenchController.prototype, name, property)
  }
  Controller()(BenchController)
  Module({ controllers: [BenchController] })(BenchModule)
}

async function clientTo(port: number): Promise<ClientProxy> {
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } })
  await client.connect()
  return client
}
