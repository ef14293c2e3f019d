export { WriteBatch } from '../../write-batch.js'
