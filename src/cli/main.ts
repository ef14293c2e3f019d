#!/usr/bin/env node
import { processShell } from './process-shell.js'
import { run } from './run.js'

// An open standard input would keep the process alive.
process.exit(await run(processShell()))
