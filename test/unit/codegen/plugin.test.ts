import { expect, test } from 'vitest'
import { pluginRequest, pluginResponse, type RawFile } from '../../../src/codegen/protoc/request-type.js'
import { runPlugin } from '../../../src/codegen/protoc/run-plugin.js'

const file: RawFile = {
  ...{ name: 'a.proto', package: '', syntax: 'proto3' },
  ...{ dependency: [], publicDependency: [], weakDependency: [] },
  ...{ messageType: [], enumType: [], service: [], extension: [] },
}

/** What the plugin answers to one file. */
function answerTo(changes: Partial<RawFile>, parameter = '') {
  const request = { fileToGenerate: ['a.proto'], parameter, protoFile: [{ ...file, ...changes }] }
  return pluginResponse.decodeBinary(runPlugin(pluginRequest.encodeBinary(request)))
}

test('a file without anything is a module without anything', () => {
  const { error, file: files } = answerTo({})
  expect(error).toBeUndefined()
  expect(files).toMatchObject([{ name: 'a.headrace.ts', content: expect.stringContaining('export {}') }])
})

test('editions are refused with their place', () => {
  const location = [{ path: [12], span: [1, 2, 19], leadingComments: '', trailingComments: '' }]
  expect(answerTo({ syntax: 'editions', sourceCodeInfo: { location } }).error).toBe(
    'a.proto:2:3: editions are not supported, proto2 and proto3 are: write syntax = "proto3";',
  )
  expect(answerTo({ syntax: 'proto4' }).error).toBe('a.proto:1:1: syntax "proto4" is not supported')
})

test('parameters are refused', () => {
  expect(answerTo({}, 'x=1').error).toBe('protoc-gen-headrace has no parameters, found "x=1"')
})
