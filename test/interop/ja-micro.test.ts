import { describe, it } from 'vitest'
import { callsToPeer } from './calls-to-peer.js'
import { describeMatrix } from './describe-matrix.js'
import { Echo, debug2017 } from './echo.js'
import { startHeadrace } from './headrace-node.js'
import { peerFlags } from './neighbours.js'
import { startPeer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { traits } from './traits.js'

describeMatrix('ja-micro')

describe('ja-micro with exposeErrorsHttp', () => {
  const reason = whyNot('ja-micro')
  it.for(['json', 'octet-stream'])(
    'errors of %s whose category is the status of the answer, too',
    async (codec, context) => {
      context.skip(reason !== undefined && !mustRun, reason)
      const flags = [...peerFlags('exposing.peer', 'address', ''), '--expose_errors_http']
      const peer = await startPeer(commandOf('ja-micro'), flags)
      const { service } = await startHeadrace('exposing.headrace', 'address', '')
      try {
        await callsToPeer.error({
          ...traits['ja-micro'],
          echo: service.client(Echo, 'exposing.peer'),
          debug: service.client(debug2017, 'exposing.peer'),
          options: { address: peer.address, contentType: `application/${codec}` },
        })
      } finally {
        await service.close({ lingerMs: 0 })
        await peer.stop()
      }
    },
  )
})
