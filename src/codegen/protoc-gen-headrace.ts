#!/usr/bin/env node
/** A plugin of protoc: `protoc --headrace_out=gen greeter.proto` writes gen/greeter.headrace.ts. */
import { runPlugin } from './protoc/run-plugin.js'

const chunks: Uint8Array[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
process.stdout.write(runPlugin(Buffer.concat(chunks)))
