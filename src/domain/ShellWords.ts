/**
 * A command as it is shown: words that a shell takes apart again into the same ones.
 */

const plain = /^[\w@%+=:,./-]+$/

/** Whatever is in a word, it stays one word and is nothing else. */
const quoted = (word: string): string => plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

export const shellWords = (words: ReadonlyArray<string>): string => words.map(quoted).join(" ")
