/**
 * How long an answer may be: what is longer is cut, and says so. Nothing that a worker writes may fill the disk by itself.
 */

/** In characters: at most 64 MiB in memory. */
export const longestOutput = 32 * 1024 * 1024

/** The answer, with a note in the place of what is beyond the bound. */
export const boundOutput = (output: string, longest: number = longestOutput): string => {
  if (output.length <= longest) return output
  const note = `\n\n[cut here: the answer had ${output.length} characters, and ${longest} are kept]`
  return `${output.slice(0, longest - note.length).replace(/[\uD800-\uDBFF]$/u, "")}${note}`
}
