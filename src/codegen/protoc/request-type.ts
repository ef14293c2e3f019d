import { parseProto } from '../../adapters/codec/proto-types.js'

/** What we read of the messages between protoc and its plugins (google/protobuf/descriptor.proto, compiler/plugin.proto); the rest is dropped. */
const types = parseProto(`
  syntax = "proto3";
  message Request { repeated string file_to_generate = 1; string parameter = 2; repeated File proto_file = 15; }
  message Response {
    optional string error = 1; uint64 supported_features = 2; repeated Output file = 15;
    message Output { string name = 1; string content = 15; }
  }
  message File {
    string name = 1; string package = 2; repeated string dependency = 3; repeated int32 public_dependency = 10; repeated int32 weak_dependency = 11;
    repeated Message message_type = 4; repeated EnumType enum_type = 5; repeated ServiceType service = 6; repeated Field extension = 7;
    SourceInfo source_code_info = 9; string syntax = 12;
  }
  message Message {
    string name = 1; repeated Field field = 2; repeated Field extension = 6; repeated Message nested_type = 3; repeated EnumType enum_type = 4;
    repeated Range extension_range = 5; repeated OneofType oneof_decl = 8; Options options = 7;
    message Range { int32 start = 1; int32 end = 2; }
    message OneofType { string name = 1; }
    message Options { bool deprecated = 3; bool map_entry = 7; }
  }
  message Field {
    string name = 1; string extendee = 2; int32 number = 3; int32 label = 4; int32 type = 5; string type_name = 6; optional string default_value = 7;
    Options options = 8; optional int32 oneof_index = 9; string json_name = 10; bool proto3_optional = 17;
    message Options { optional bool packed = 2; bool deprecated = 3; }
  }
  message EnumType {
    string name = 1; repeated Value value = 2; Options options = 3;
    message Value { string name = 1; int32 number = 2; Options options = 3; message Options { bool deprecated = 1; } }
    message Options { bool allow_alias = 2; bool deprecated = 3; }
  }
  message ServiceType {
    string name = 1; repeated Method method = 2; Options options = 3;
    message Options { bool deprecated = 33; }
  }
  message Method {
    string name = 1; string input_type = 2; string output_type = 3; Options options = 4; bool client_streaming = 5; bool server_streaming = 6;
    message Options { bool deprecated = 33; int32 idempotency_level = 34; }
  }
  message SourceInfo { repeated Location location = 1; message Location { repeated int32 path = 1; repeated int32 span = 2; string leading_comments = 3; string trailing_comments = 4; } }
`)

/** What protoc asks a plugin. */
export interface PluginRequest {
  readonly fileToGenerate: readonly string[]
  readonly parameter: string
  readonly protoFile: readonly RawFile[]
}

/** What a plugin answers. */
export interface PluginResponse {
  readonly error?: string
  readonly supportedFeatures: bigint
  readonly file: readonly { readonly name: string; readonly content: string }[]
}

/** FileDescriptorProto. */
export interface RawFile {
  readonly name: string
  readonly package: string
  readonly dependency: readonly string[]
  readonly publicDependency: readonly number[]
  readonly weakDependency: readonly number[]
  readonly messageType: readonly RawMessage[]
  readonly enumType: readonly RawEnum[]
  readonly service: readonly RawService[]
  readonly extension: readonly RawField[]
  readonly sourceCodeInfo?: { readonly location: readonly RawLocation[] }
  readonly syntax: string
}

/** SourceCodeInfo.Location. */
export interface RawLocation {
  readonly path: readonly number[]
  /** Line and column of the beginning, and of the end; both count from 0. */
  readonly span: readonly number[]
  readonly leadingComments: string
  readonly trailingComments: string
}

/** DescriptorProto. */
export interface RawMessage {
  readonly name: string
  readonly field: readonly RawField[]
  readonly extension: readonly RawField[]
  readonly nestedType: readonly RawMessage[]
  readonly enumType: readonly RawEnum[]
  readonly extensionRange: readonly { readonly start: number; readonly end: number }[]
  readonly oneofDecl: readonly { readonly name: string }[]
  readonly options?: { readonly deprecated: boolean; readonly mapEntry: boolean }
}

/** FieldDescriptorProto. */
export interface RawField {
  readonly name: string
  readonly extendee: string
  readonly number: number
  readonly label: number
  readonly type: number
  readonly typeName: string
  readonly defaultValue?: string
  readonly options?: { readonly packed?: boolean; readonly deprecated: boolean }
  readonly oneofIndex?: number
  readonly jsonName: string
  readonly proto3Optional: boolean
}

/** EnumDescriptorProto. */
export interface RawEnum {
  readonly name: string
  readonly value: readonly {
    readonly name: string
    readonly number: number
    readonly options?: { readonly deprecated: boolean }
  }[]
  readonly options?: { readonly allowAlias: boolean; readonly deprecated: boolean }
}

/** ServiceDescriptorProto. */
export interface RawService {
  readonly name: string
  readonly method: readonly RawMethod[]
  readonly options?: { readonly deprecated: boolean }
}

/** MethodDescriptorProto. */
export interface RawMethod {
  readonly name: string
  readonly inputType: string
  readonly outputType: string
  readonly options?: { readonly deprecated: boolean; readonly idempotencyLevel: number }
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
}

/** CodeGeneratorRequest. */
export const pluginRequest = types.type<PluginRequest>('Request')

/** CodeGeneratorResponse. */
export const pluginResponse = types.type<PluginResponse>('Response')
