/** Node's. Importing it from `node:process` would read everything that has, and so open the standard streams. */
export const nextTick = process.nextTick.bind(process)
