import { ServiceError } from '../../streams/index.js'
import { generateSources } from '../emit/generate-sources.js'
import { noEditions } from '../parse/parse-file.js'
import { sourceError } from '../source-error.js'
import { fromDescriptors } from './from-descriptors.js'
import { pluginRequest, pluginResponse, type PluginRequest, type RawFile } from './request-type.js'

/** FileDescriptorProto.syntax: where a file says it, and where it says its edition. */
const syntaxField = 12

/** FEATURE_PROTO3_OPTIONAL of plugin.proto: we know what `optional` means in proto3. */
const supportedFeatures = 1n

/** Answers a request of protoc: the encoded CodeGeneratorRequest gives the encoded CodeGeneratorResponse. What is wrong is told in the answer. */
export function runPlugin(request: Uint8Array): Uint8Array {
  try {
    const file = outputsFor(pluginRequest.decodeBinary(request))
    return pluginResponse.encodeBinary({ supportedFeatures, file })
  } catch (failure) {
    return pluginResponse.encodeBinary({
      error: ServiceError.from(failure).detail,
      supportedFeatures,
      file: [],
    })
  }
}

function outputsFor({ fileToGenerate, parameter, protoFile }: PluginRequest) {
  if (parameter !== '')
    throw new ServiceError(
      'bad_request',
      `protoc-gen-headrace has no parameters, found ${JSON.stringify(parameter)}`,
    )
  for (const file of protoFile) refuseOtherSyntax(file)
  const texts = generateSources(protoFile.map(fromDescriptors), fileToGenerate, outputName)
  return [...texts].map(([name, content]) => ({ name: outputName(name), content }))
}

/** protoc keeps editions from a plugin that does not say that it knows them; older versions and other programs may not. */
function refuseOtherSyntax({ name, syntax, sourceCodeInfo }: RawFile): void {
  if (syntax === '' || syntax === 'proto2' || syntax === 'proto3') return
  const location = sourceCodeInfo?.location.find(({ path }) => path.length === 1 && path[0] === syntaxField)
  const [line = 0, column = 0] = location?.span ?? []
  const what = syntax === 'editions' ? noEditions : `syntax ${JSON.stringify(syntax)} is not supported`
  throw sourceError(name, { line: line + 1, column: column + 1 }, what)
}

function outputName(name: string): string {
  return name.replace(/(\.proto)?$/, '.headrace.ts')
}
