import { parseProto } from 'headrace/adapters/codec/proto-types'
import { defineService, rpc } from 'headrace'
import type { Item, TestDefinition } from '../conformance/exchange.suite.js'

/** The test service of the exchange suite with protobuf types. */
export const typedDefinition: TestDefinition = parseProto(`
  syntax = "proto3";
  service Test {
    rpc Echo(Item) returns (Item) {}
    rpc Count(Item) returns (stream Item) {}
    rpc Sum(stream Item) returns (Item) {}
    rpc Talk(stream Item) returns (stream Item) {}
  }
  message Item { string text = 1; int32 n = 2; }
`).service<TestDefinition>('Test')

/** The same without types: messages travel as JSON. */
export const untypedDefinition: TestDefinition = defineService('Test', {
  echo: rpc.unary<Item, Item>(),
  count: rpc.serverStream<Item, Item>(),
  sum: rpc.clientStream<Item, Item>(),
  talk: rpc.bidi<Item, Item>(),
})
