import { ServiceError } from '../../streams/index.js'
import { generateSources } from '../emit/generate-sources.js'
import { fromDescriptors } from './from-descriptors.js'
import { pluginRequest, pluginResponse, type PluginRequest } from './request-type.js'

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
  for (const { name, syntax } of protoFile) {
    if (syntax !== '' && syntax !== 'proto2' && syntax !== 'proto3')
      throw new ServiceError(
        'bad_request',
        `${name}: syntax ${JSON.stringify(syntax)} is not supported: write proto3`,
      )
  }
  const texts = generateSources(protoFile.map(fromDescriptors), fileToGenerate, outputName)
  return [...texts].map(([name, content]) => ({ name: outputName(name), content }))
}

function outputName(name: string): string {
  return name.replace(/(\.proto)?$/, '.headrace.ts')
}
