import { describeMatrix } from './describe-matrix.js'

describeMatrix('go-micro 2017')
