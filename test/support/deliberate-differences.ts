/**
 * Where headrace does not do what go-micro did, by file and name of the vector that shows it, with the reason. The golden
 * tests of these vectors assert what headrace does instead.
 */
export const deliberateDifferences: Readonly<Record<string, string>> = {
  '2017-client-errors/json-id-not-number':
    'Go refuses an answer whose id is a text. One connection carries one call, so the id says nothing; v1.18 and ja-micro answer with other ids.',
  '2017-client-errors/json-error-object':
    'Go refuses an error that is an object. ja-micro sends such errors, so its text is read for what it says.',
  '2017-consul-http/list':
    'The list has what can be looked up: Consul itself and other services without a version tag are left out.',
  '2017-consul-http/catalog-services-body': 'As for list.',
  '2017-consul-http/watch-events':
    'The first event has everything; then only what changed is told, no name without nodes and no update that repeats what is known.',
  '2017-endpoints/Svc.Complex':
    'Protobuf cannot say arrays of fixed length, functions, interfaces, unexported fields and fields without a JSON name: no message of ours shows them.',
  '2017-endpoints/Svc.Slice':
    'A request of ours is a message or has no type; one without a type shows an empty type name, as a Go map does.',
  '2017-endpoints/Svc.Str': 'As for Svc.Slice.',
  '2017-http-broker/publish application/json':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message; Micro-Id and Micro-Topic stand beside the headers of the message: version 1 finds its subscribers by them, and 2017 passes them on.',
  '2017-http-broker/publish application/octet-stream':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message; Micro-Id and Micro-Topic stand beside the headers of the message: version 1 finds its subscribers by them, and 2017 passes them on.',
  '2017-http-broker/broker-publish-raw':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message; Micro-Id and Micro-Topic stand beside the headers of the message: version 1 finds its subscribers by them, and 2017 passes them on.',
  '2017-http-broker/broker-publish-nil':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message; Micro-Id and Micro-Topic stand beside the headers of the message: version 1 finds its subscribers by them, and 2017 passes them on.',
  '2017-http-broker/bad-json':
    'The words after Error parsing request body are those of the JSON parser at hand; no peer reads them.',
  '2017-mdns-packets/answer-host-a':
    'Go also answers 0.0.0.0 for the machine, which is the address of its list entry and of nobody.',
  '2017-mdns-packets/register-timeline':
    'Node ids are unique, so the first announcement goes out with the first probe and a node is seen at once.',
  '2017-mdns-packets/re-register-unchanged':
    'Our nodes expire with their register TTL, so registering again announces again; Go says nothing and never expires.',
  '2017-mdns-packets/re-register-counts':
    'A changed node is announced as changed; a goodbye before it, and with every later register, would make watchers drop a living node.',
  '2017-mdns-packets/watch-events': 'What repeats what is known is no event.',
  '2017-mdns-packets/get-ipv6': 'Go reads an IPv6 node as <nil>; both address families are read.',
  '2017-client-errors/http-500':
    'The code of the error is the status, not always 500, so that the kind is right (503 is `unavailable`); the id says that it is ours.',
  '2017-client-errors/text-plain-200':
    'A text/plain answer is no damaged JSON but the refusal of a server: the text is shown as it is.',
  '2017-client-errors/empty-200': 'Go says EOF; the error says which answer could not be read and why.',
  '2017-client-errors/refused':
    'A node that cannot be reached is `unavailable` (503), and another one is tried; Go has 500 for everything.',
  '2017-client-errors/deadline-callremote':
    'The code and the meaning are the same; the text names the endpoint and the peer, and a call by address has a deadline like every call.',
  '2017-client-errors/deadline-call':
    'The code and the meaning are the same; the text names the endpoint and the peer.',
  '2017-client-errors/no-service':
    '`not_found` (404) instead of 500, with a text that names the service and the registry and says what to look at.',
  '2017-client-errors/no-nodes': 'As for no-service.',
  '2017-client-errors/already-expired':
    'The code and the meaning are the same; the text names the endpoint. Nothing is sent.',
  '2017-client-errors/backoff':
    'Between 0 and 50 ms, doubled with each repetition up to 1 s, at random: clients that failed together must not come back together.',
  '2017-http-unary/unary-metadata':
    "A handler's metadata is what the caller gave: Accept, Content-Length and User-Agent belong to one hop, and passing them on would be wrong for the next. A caller who gives a Timeout as metadata is told so; Go overwrites it.",
  '2017-http-unary/unary-plain-error-json':
    'Any failure of a handler reaches the caller as an error object with the text as its detail; a bare text has no kind, and ja-micro does not take it for an error.',
  '2017-http-unary/unary-unknown-method':
    'An error of the runtime is an error object with the text of Go as its detail, so that every caller can read its kind; the connection stays open, since nothing on it is damaged.',
  '2017-http-unary/unary-unknown-service': 'As for unary-unknown-method.',
  '2017-http-unary/unary-ill-formed': 'As for unary-unknown-method.',
  '2017-http-unary/unary-ill-formed-3': 'As for unary-unknown-method.',
  '2017-http-unary/unary-json-wrong-type':
    'As for unary-unknown-method; the words after the field are those of the reader at hand.',
  '2017-http-unary/unary-client-unknown-codec':
    '`bad_request` (400) instead of 500: it is the caller that is wrong. The text goes on with the types that are known.',
  '2017-http-unary/raw-not-json':
    'A request that cannot be read is answered with a `bad_request` before the connection ends; Go closes without a word.',
  '2017-http-unary/raw-empty-body-json': 'As for raw-not-json.',
  '2017-http-unary/raw-params-null':
    'Go panics and closes; the call is answered with a `bad_request` and the connection goes on.',
  '2017-http-unary/raw-params-object': 'As for unary-json-wrong-type.',
  '2017-http-unary/raw-connection-close':
    'Connection: close is honoured, as HTTP and ja-micro want it; Go ignores it.',
  '2017-http-stream/bidi-client-ends application/json':
    "The end of the caller's requests is no error: the handler sees its requests complete, and its own end is told as EOS. Go's handler fails with EOF, which our client takes for the end.",
  '2017-http-stream/stream-unknown-method application/json':
    'As for unary-unknown-method of 2017-http-unary.',
  '2017-http-stream/bidi-client-ends application/octet-stream': 'As in JSON.',
  '2017-http-stream/stream-unknown-method application/octet-stream':
    'As for unary-unknown-method of 2017-http-unary.',
  '2017-http-stream/leftover-messages':
    'What a client still sends to a stream that has ended is dropped; Go takes it for the opening of a new stream, whose handler then runs without having been asked for.',
  'ja-constructed/request-hello': 'Sequence 0 is written, as Go does; for protobuf that means the same.',
  'ja-constructed/response-hello-seq0':
    'Sequence 0 and an empty error are written, as Go does; for protobuf that means the same.',
  'ja-constructed/json-response-no-id':
    'A request without an id is answered with null, as in Go; the id says nothing to a client of ja-micro.',
  'ja-constructed/json-unknown-method':
    '`not_found` (404) in the words of go-micro, and the id is there, as for every other error.',
  'v118-http-unary/mucp-plain-error application/json':
    'An error of the runtime, and any failure of a handler, is an error object with the text of Go as its detail, so that every caller can read its kind.',
  'v118-http-unary/mucp-unknown-method application/json': 'As for mucp-plain-error.',
  'v118-http-unary/mucp-unknown-service application/json': 'As for mucp-plain-error.',
  'v118-http-unary/mucp-ill-formed application/json': 'As for mucp-plain-error.',
  'v118-http-unary/legacy-unary application/octet-stream':
    'A frame that can be read as one is answered as one; Go reads raw bytes and never answers.',
  'v118-http-unary/legacy-error application/octet-stream': 'As for legacy-unary.',
  'v118-http-unary/raw-2017-json':
    'A request of 2017 is answered as in 2017: the id as it was sent, the error in the body. Go answers with a text, which its own clients of 2017 cannot read.',
  'v118-http-unary/raw-2017-json-error': 'As for raw-2017-json.',
  'v118-http-unary/raw-x-micro-target': 'As for raw-2017-json.',
  'v118-http-unary/raw-x-micro':
    'An id in the spelling X-Micro-Id comes back in both spellings; Go only echoes it.',
  'v118-http-unary/raw-bad-json': 'The error is an object, and its words are those of the reader at hand.',
  'v118-http-unary/raw-unknown-field':
    'Fields that a message does not have are ignored, as in 2017 and in protobuf: a newer caller may know more of them.',
  'v118-http-unary/raw-topic-seen':
    'The metadata of an event are what its publisher gave; Content-Length, Micro-Id and Micro-Topic belong to the way it came.',
  'v118-http-stream/mucp bidi-client-ends application/json':
    'The end of the requests is answered with the end of the stream, as in 2017; Go says nothing, so its client cannot know when the last answer has come.',
  'v118-http-stream/mucp bidi-client-ends application/protobuf': 'As in the mode mucp with JSON.',
  'v118-http-stream/legacy bidi-client-ends application/json': 'As in the mode mucp with JSON.',
  'v118-http-stream/legacy bidi-client-ends application/protobuf': 'As in the mode mucp with JSON.',
  'v118-http-broker/publish application/json':
    'The line feed behind JSON and Accept-Encoding: gzip are not sent. A subscriber does not see Micro-Id and Micro-Topic: they belong to the way the event came.',
  'v118-http-broker/publish application/protobuf':
    'Accept-Encoding: gzip is not sent. A subscriber does not see Micro-Id and Micro-Topic.',
  'v118-registrations/endpoint-Svc.Simple':
    'Endpoints are shown as in 2017, with stream false where version 1 leaves it out: readers of both know that.',
  'v118-registrations/endpoint-Svc.Streaming': 'The response of a stream is called Streamer, as in 2017.',
}
