import { rmSync } from 'node:fs'

for (const folder of ['dist', 'build', 'coverage']) rmSync(folder, { recursive: true, force: true })
