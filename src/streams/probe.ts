/**
 * The header under which a transport says that a message is a question after the service and no call. No HTTP peer can send a header of such a
 * name.
 */
export const probeKey = ':probe'

/** `health`: how the service is. `status`: the same without a body. `alive`: whether it answers, without a body. */
export type Probe = 'health' | 'status' | 'alive'
