import { createServer, type IncomingMessage, type Server } from 'node:http'
import { ServiceError, type Service } from 'headrace'
import { Auth, Geo, Profile, Rate } from './booking.headrace.js'

/** The centre of the town: the front looks for hotels around it. */
const centre = { latitude: 47, longitude: 8 }

/** The HTTP front: `GET /hotels?inDate=…&outDate=…` with a bearer token, answered from four services. */
export function createFront(service: Service): Server {
  // #region clients
  const auth = service.client(Auth, 'booking.auth')
  const geo = service.client(Geo, 'booking.geo')
  const profile = service.client(Profile, 'booking.profile')
  const rate = service.client(Rate, 'booking.rate')
  // #endregion clients

  // #region find
  const find = async (token: string, inDate: string, outDate: string) => {
    const { name } = await auth.verifyToken({ token })
    const { hotelIds } = await geo.nearby(centre)
    const [{ hotels }, { plans }] = await Promise.all([
      profile.getProfiles({ hotelIds }),
      rate.getRates({ hotelIds, inDate, outDate }),
    ])
    const offers = plans.map(plan => ({ ...plan, hotel: hotels.find(({ id }) => id === plan.hotelId)?.name }))
    return { customer: name, offers }
  }
  // #endregion find

  return createServer((request, response) => {
    const send = (code: number, body: unknown) =>
      response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    const { token, inDate, outDate } = questionOf(request)
    find(token, inDate, outDate).then(
      found => send(200, found),
      (failure: unknown) => {
        const { code, detail } = ServiceError.from(failure)
        send(code, { error: detail }) // the codes of errors are those of HTTP
      },
    )
  })
}

function questionOf({ url = '/', headers }: IncomingMessage) {
  const { searchParams } = new URL(url, 'http://front')
  return {
    token: (headers.authorization ?? '').replace(/^Bearer /, ''),
    inDate: searchParams.get('inDate') ?? '',
    outDate: searchParams.get('outDate') ?? '',
  }
}
