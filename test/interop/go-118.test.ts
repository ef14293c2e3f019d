import { describeMatrix } from './describe-matrix.js'

describeMatrix('go-micro 1.18')
