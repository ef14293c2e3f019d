import { ServiceError, createService, type Service } from 'headrace'
import type { Example } from '../run-example.js'
import { customers, hotels, rates } from './data.js'
import { Auth, Geo, Profile, Rate } from './booking.headrace.js'

/** How near is near, in degrees. */
const nearby = 0.1

/** The four services behind the front, each with a process of its own in earnest. */
export function createServices({ options }: Pick<Example, 'options'>): readonly Service[] {
  const make = (name: string) => createService({ name: `booking.${name}`, ...options() })
  const [auth, geo, profile, rate] = [make('auth'), make('geo'), make('profile'), make('rate')] as const
  auth.handle(Auth, {
    verifyToken: ({ token }) => {
      const customer = Object.hasOwn(customers, token) ? customers[token] : undefined
      if (customer === undefined) throw new ServiceError('unauthorized', 'the token is not known')
      return { ...customer }
    },
  })
  geo.handle(Geo, {
    nearby: ({ latitude, longitude }) => {
      const distances = hotels.map(hotel => ({
        id: hotel.id,
        away: Math.hypot(hotel.latitude - latitude, hotel.longitude - longitude),
      }))
      const near = distances.filter(({ away }) => away < nearby).sort((a, b) => a.away - b.away)
      return { hotelIds: near.map(({ id }) => id) }
    },
  })
  profile.handle(Profile, {
    getProfiles: ({ hotelIds }) => ({
      hotels: hotels
        .filter(({ id }) => hotelIds.includes(id))
        .map(({ id, name, phone }) => ({ id, name, phone })),
    }),
  })
  rate.handle(Rate, {
    getRates: ({ hotelIds, inDate, outDate }) => ({
      plans: rates
        .filter(({ hotelId, from, to }) => hotelIds.includes(hotelId) && from <= inDate && outDate <= to)
        .map(({ hotelId, room, price }) => ({ hotelId, room, price })),
    }),
  })
  return [auth, geo, profile, rate]
}
