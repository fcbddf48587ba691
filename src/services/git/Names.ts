/**
 * Names of files as git has them, which are bytes and need not be text. Between two commands of git's they are kept one
 * character a byte, so that none is lost; as text, what is no UTF-8 becomes U+FFFD.
 */

/** One character a byte. */
export const namesOf = (bytes: Uint8Array): string => {
  const parts: Array<string> = []
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  return parts.join("")
}

/** The bytes that such names stand for. */
export const bytesOf = (names: string): Uint8Array => Uint8Array.from(names, (character) => character.charCodeAt(0))

/** As people read it. */
export const readable = (name: string): string => new TextDecoder().decode(bytesOf(name))

/** Names as git takes them from its input. */
export const listed = (names: ReadonlyArray<string>): Uint8Array => bytesOf(names.map((name) => `${name}\0`).join(""))

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v"
}

/** A name that git has put into quotes, for it has a quote, a backslash or a control character. */
export const unquoted = (name: string): string =>
  /^".*"$/.test(name)
    ? name.slice(1, -1).replace(
      /\\(?:([0-7]{3})|(.))/g,
      (_, octal: string | undefined, letter: string) =>
        octal === undefined ? escapes[letter] ?? letter : String.fromCharCode(Number.parseInt(octal, 8))
    )
    : name
