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
}
