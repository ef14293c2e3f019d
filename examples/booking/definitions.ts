import { fileURLToPath } from 'node:url'
import { loadProto } from 'headrace/adapters/codec/proto-types'
import type { EndpointDefinition } from 'headrace/streams'

/** What a hotel is like. */
export interface Hotel {
  id: string
  name: string
  phone: string
}

/** What a room of a hotel costs for a night, in cents. */
export interface RatePlan {
  hotelId: string
  room: string
  price: number
}

type AuthDefinition = {
  verifyToken: EndpointDefinition<{ token: string }, { id: string; name: string }, 'unary'>
}
type GeoDefinition = {
  nearby: EndpointDefinition<{ latitude: number; longitude: number }, { hotelIds: string[] }, 'unary'>
}
type ProfileDefinition = {
  getProfiles: EndpointDefinition<{ hotelIds: string[] }, { hotels: Hotel[] }, 'unary'>
}
type RateDefinition = {
  getRates: EndpointDefinition<
    { hotelIds: string[]; inDate: string; outDate: string },
    { plans: RatePlan[] },
    'unary'
  >
}

const types = await loadProto(fileURLToPath(new URL('./booking.proto', import.meta.url)))

/** Knows who may ask. */
export const Auth = types.service<AuthDefinition>('Auth')
/** Knows where hotels are. */
export const Geo = types.service<GeoDefinition>('Geo')
/** Knows what hotels are like. */
export const Profile = types.service<ProfileDefinition>('Profile')
/** Knows what rooms cost. */
export const Rate = types.service<RateDefinition>('Rate')
