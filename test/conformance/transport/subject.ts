import type { Transport } from 'headrace/streams'

/** What the laws of a transport are proven on: two transports that reach each other. */
export interface TransportSubject {
  readonly server: Transport
  readonly client: Transport
  /** Where to listen: any free port of an interface that the client reaches. */
  readonly address: string
  /** How many messages of one direction may be handed over and not answered. */
  readonly window: number
  /** How many bytes one side can send to another that reads nothing, the buffers of the system included. */
  readonly stalledBytes: number
  /** How many connections there are now, those that are being made included. */
  connections(): number
}
