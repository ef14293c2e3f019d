/** Who may ask, by token. */
export const customers: Readonly<Record<string, { readonly id: string; readonly name: string }>> = {
  VALID_TOKEN: { id: '1', name: 'Ada' },
}

/** Three hotels of a town that does not exist. */
export const hotels = [
  { id: '1', name: 'The Weir', phone: '555-0101', latitude: 47.001, longitude: 8.001 },
  { id: '2', name: 'Sluice Inn', phone: '555-0102', latitude: 47.004, longitude: 8.003 },
  { id: '3', name: 'Far Mill', phone: '555-0103', latitude: 48.5, longitude: 9.5 },
] as const

/** Prices for a night, in cents, with the days on which they are good. */
export const rates = [
  { hotelId: '1', room: 'double', price: 10_900, from: '2017-04-01', to: '2017-04-30' },
  { hotelId: '1', room: 'single', price: 7_900, from: '2017-05-01', to: '2017-05-31' },
  { hotelId: '2', room: 'double', price: 13_900, from: '2017-04-01', to: '2017-05-31' },
  { hotelId: '3', room: 'double', price: 5_900, from: '2017-01-01', to: '2017-12-31' },
] as const
