import type { Socket } from 'node:net'
import { lastValueFrom } from 'rxjs'
import {
  type ServiceError,
  formatAddress,
  type Channel,
  type IncomingCall,
  type Message,
  type ServedCall,
  type SharedConnection,
  type SharedStats,
} from '../../../streams/index.js'
import { sharedStatsOf } from '../../../streams/shared-stats.js'
import { answerTo, readSubscription, refusalOf } from '../../../wire/broker-mux.js'
import { switching } from '../../fast-lane.js'
import type { MuxEnds } from '../../mux/mux-ends.js'
import { MuxPeer } from '../../mux/mux-peer.js'
import { SocketPipe } from '../../socket-pipe.js'
import { brokerError } from './inbox-answers.js'
import type { OpenPost, Receiver } from './receiver.js'
import type { Receivers } from './receivers.js'
import { ReceivedStream } from './received-stream.js'

/** How a {@link SharedInbox} is made. */
export interface SharedInboxOptions {
  readonly receivers: Receivers
  readonly ends: MuxEnds
  /** What a stream holds at most: it is set apart for it. */
  readonly streamBytes: number
  readonly maxPendingBytes: number
  readonly fault: (error: ServiceError) => void
}

/** What a call costs besides its bytes. */
const callCost = 1_024

/** The subscriptions of a broker for publishers on the fast lane (docs/fast-lane.md section 13): each call is a message, each stream many. */
export class SharedInbox {
  private readonly connections = new Set<SharedConnection>()

  constructor(private readonly options: SharedInboxOptions) {}

  /** Answers the request that asked for the fast lane. The socket is paused; `rest` was read of it behind the request. */
  accept(socket: Socket, rest: Uint8Array): void {
    const { remoteAddress = 'unknown', remotePort = 0 } = socket
    const peer = formatAddress(remoteAddress, remotePort)
    socket.write(switching)
    const reception = {
      channel: (channel: Channel) => this.stream(channel),
      fault: (error: ServiceError) => this.options.fault(error),
    }
    const connection = new MuxPeer(peer, this.options.ends.window, reception, undefined)
    this.options.ends.accept(new SocketPipe(socket, peer, rest), connection)
    connection.serveCalls(call => this.call(call))
    const forget = () => this.connections.delete(connection)
    this.connections.add(connection)
    connection.closed.subscribe({ error: forget, complete: forget })
  }

  /** The numbers of each connection. */
  stats(): readonly SharedStats[] {
    return sharedStatsOf(this.connections)
  }

  /** Takes nothing new; a connection closes when what is under way is done. Resolves when all are closed. */
  async retire(): Promise<void> {
    const connections = [...this.connections]
    for (const connection of connections) connection.retire()
    await Promise.all(connections.map(({ closed }) => lastValueFrom(closed, { defaultValue: undefined })))
  }

  abort(error: ServiceError): void {
    for (const connection of [...this.connections]) connection.abort(error)
  }

  private call(call: IncomingCall): ServedCall {
    const { receivers } = this.options
    const { id, message } = readSubscription(call.message)
    const receiver = receivers.get(id)
    const cost = callCost + message.body.byteLength
    if (receiver === undefined) call.answer(refusalOf(subscriptionEnded()))
    else if (receivers.lacksRoomFor(cost)) call.answer(refusalOf(this.tooMuch()))
    else {
      const post = new CalledPost(call, message, receiver, receivers, cost)
      receiver.accept(post)
      return post
    }
    return answered
  }

  private stream(channel: Channel): void {
    const { streamBytes, receivers } = this.options
    const stream = new ReceivedStream(channel, {
      find: id => {
        const receiver = receivers.get(id)
        if (receiver === undefined) return subscriptionEnded()
        if (receivers.lacksRoomFor(streamBytes)) return this.tooMuch()
        receivers.hold(streamBytes)
        return receiver
      },
      over: () => receivers.hold(-streamBytes),
    })
    stream.start()
  }

  private tooMuch(): ServiceError {
    const { maxPendingBytes } = this.options
    return brokerError(
      'unavailable',
      `${maxPendingBytes} bytes of messages are unanswered; try again later`,
      503,
    )
  }
}

const answered: ServedCall = { cancel: () => undefined }

function subscriptionEnded(): ServiceError {
  return brokerError('unavailable', 'The subscription has ended', 410)
}

/** A call that is open until its message is answered. */
class CalledPost implements OpenPost, ServedCall {
  private open = true

  constructor(
    private readonly call: IncomingCall,
    readonly message: Message,
    private readonly receiver: Receiver,
    private readonly receivers: Receivers,
    private readonly cost: number,
  ) {
    receivers.hold(cost)
  }

  answer(error?: ServiceError): void {
    this.finish(answerTo(error))
  }

  release(): void {
    this.finish(answerTo(undefined))
  }

  decline(): void {
    this.finish(refusalOf(subscriptionEnded()))
  }

  waits(): void {
    // What waits is bounded by the bytes of all calls without an answer.
  }

  cancel(): void {
    this.receiver.withdraw(this)
    this.finish(undefined)
  }

  private finish(answer: Message | undefined): void {
    if (!this.open) return
    this.open = false
    this.receivers.hold(-this.cost)
    if (answer !== undefined) this.call.answer(answer)
  }
}
