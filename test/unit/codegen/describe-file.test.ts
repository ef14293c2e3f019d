import protobuf from 'protobufjs'
import { expect, it, test, vi } from 'vitest'
import type { FieldDescription, FileDescription } from 'headrace/protobuf'
import { describeRoot } from '../../../src/adapters/codec/proto-types/describe-root.js'
import { fieldName } from '../../../src/adapters/codec/proto-types/field-names.js'
import { standardFile } from '../../../src/adapters/codec/proto-types/standard-files.js'
import { withoutCustomOptions } from '../../../src/codegen/emit/custom-options.js'
import { describeFile } from '../../../src/codegen/emit/describe-file.js'
import { fileStore } from '../../../src/codegen/load/file-store.js'
import { loadFiles } from '../../../src/codegen/load/load-files.js'
import { HelloRequest } from '../../../examples/greeter/greeter.headrace.js'

const fixtures = 'test/fixtures/proto'

async function describedByProtobufjs(root: string, name: string): Promise<FileDescription> {
  const theirs = new protobuf.Root()
  theirs.resolvePath = (_, target) => standardFile(target) ?? `${root}/${target}`
  await theirs.load(name)
  theirs.resolveAll()
  return describeRoot(theirs)
}

/** protobufjs changes the name of a oneof as it does those of fields. */
function withOneof(field: FieldDescription): FieldDescription {
  return field.oneof === undefined ? field : { ...field, oneof: fieldName(field.oneof) }
}

test.each([
  ['everything.proto', fixtures],
  ['names.proto', fixtures],
  ['google/pubsub/v1/pubsub.proto', `${fixtures}/googleapis`],
])('%s is described as protobufjs has it', async (name, root) => {
  const { files } = await loadFiles([`${root}/${name}`], [root], fileStore())
  const file = files.find(each => each.name === name) ?? expect.fail(`${name} was not loaded`)
  const { messages = {}, enums = {} } = describeFile(withoutCustomOptions(file))
  const theirs = await describedByProtobufjs(root, name)
  expect(Object.keys(messages)).not.toHaveLength(0)
  for (const [full, fields] of Object.entries(messages))
    expect(theirs.messages?.[full], full).toEqual(fields.map(withOneof))
  for (const [full, values] of Object.entries(enums)) expect(theirs.enums?.[full], full).toEqual(values)
})

it('the types of a generated file make no code at run time, which a page may have forbidden', () => {
  const make = vi.fn()
  vi.stubGlobal('Function', make)
  const bytes = HelloRequest.encodeBinary({ name: 'John' })
  const message = HelloRequest.decodeBinary(bytes)
  vi.unstubAllGlobals()
  expect([message, make.mock.calls]).toEqual([{ name: 'John' }, []])
})
