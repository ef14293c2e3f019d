/**
 * Where headrace does not do what go-micro 2017 did, by file and name of the vector that shows it, with the reason. The golden
 * tests of these vectors assert what headrace does instead.
 */
export const deliberateDifferences: Readonly<Record<string, string>> = {
  '2017-client-errors/json-id-not-number':
    'Go refuses an answer whose id is a text. One connection carries one call, so the id says nothing; v1.18 and ja-micro answer with other ids.',
  '2017-client-errors/json-error-object':
    'Go refuses an error that is an object. ja-micro sends such errors, so its text is read for what it says.',
  '2017-endpoints/Svc.Complex':
    'Protobuf cannot say arrays of fixed length, functions, interfaces, unexported fields and fields without a JSON name: no message of ours shows them.',
  '2017-endpoints/Svc.Slice':
    'A request of ours is a message or has no type; one without a type shows an empty type name, as a Go map does.',
  '2017-endpoints/Svc.Str': 'As for Svc.Slice.',
  '2017-http-broker/publish application/json':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message.',
  '2017-http-broker/publish application/octet-stream':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message.',
  '2017-http-broker/broker-publish-raw':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message.',
  '2017-http-broker/broker-publish-nil':
    'Accept-Encoding: gzip is not sent, because nothing reads the answer to a published message.',
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
}
