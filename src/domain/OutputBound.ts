/**
 * How long an answer may be: what is longer is cut, and says so. Nothing that a worker writes may fill the disk by itself.
 */

/** In characters: at most 64 MiB in memory. */
export const longestOutput = 32 * 1024 * 1024

/** A part of a text, as a copy: a mere slice would keep all of the text in memory for as long as it is kept itself. */
export const copyOf = (text: string, from: number, to: number): string =>
  from === 0 && to >= text.length ? text : String(JSON.parse(JSON.stringify(text.slice(from, to))))

const isFirstHalf = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** At most so many characters of a text, and no half of one; a copy. */
export const beginningOf = (text: string, most: number): string =>
  copyOf(text, 0, text.length > most && isFirstHalf(text.charCodeAt(most - 1)) ? most - 1 : most)

/** The answer, with a note in the place of what is beyond the bound. */
export const boundOutput = (output: string, longest: number = longestOutput): string => {
  if (output.length <= longest) return output
  const note = `\n\n[cut here: the answer had ${output.length} characters, and ${longest} are kept]`
  return `${beginningOf(output, longest - note.length)}${note}`
}
