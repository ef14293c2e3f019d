/** The name in JSON that protoc makes of a field's name: every underscore goes, and the letter behind it becomes a capital. */
export function defaultJsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase())
}
