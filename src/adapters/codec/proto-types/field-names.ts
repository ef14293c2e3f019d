/** The name of a field in TypeScript: that of the `.proto` in lowerCamelCase. An extension keeps its full name. */
export function fieldName(name: string): string {
  if (name.startsWith('.')) return name
  return name.charAt(0) + name.slice(1).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** The name in JSON that protoc makes of a field's name: every underscore goes, and the letter behind it becomes a capital. */
export function jsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase())
}
