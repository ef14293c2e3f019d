/** Generated from greeter.proto: `npm run gen` writes it again. */
export { Greeter } from './greeter.headrace.js'
