/** HTTP/1.1 as go-micro frames it: bytes to messages and back, without sockets (PROTOCOL section 2). */
export type { Head } from './http1/head.js'
export type { HttpRequest, HttpResponse } from './http1/messages.js'
export { createRequestParser, createResponseParser, type HttpParser } from './http1/parser.js'
export { HeadWriter, statusKey } from './http1/writer.js'
