import type { FieldDescriptor, FileDescriptor, MessageDescriptor } from '../descriptor.js'

/** The file without the extensions that define options: they are for tools that read sources, and no message carries them. */
export function withoutCustomOptions(file: FileDescriptor): FileDescriptor {
  return {
    ...file,
    extensions: file.extensions.filter(isNoOption),
    messages: file.messages.map(withoutOptions),
  }
}

function withoutOptions(message: MessageDescriptor): MessageDescriptor {
  return {
    ...message,
    extensions: message.extensions.filter(isNoOption),
    messages: message.messages.map(withoutOptions),
  }
}

function isNoOption({ extendee }: FieldDescriptor): boolean {
  return !/^google\.protobuf\.\w+Options$/.test(extendee?.name ?? '')
}
