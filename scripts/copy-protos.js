/** The build of the examples: what they read at run time stands beside the compiled files, as it does beside the sources. */
import { cpSync, statSync } from 'node:fs'

cpSync('examples', 'build/examples', {
  recursive: true,
  filter: path => statSync(path).isDirectory() || path.endsWith('.proto'),
})
