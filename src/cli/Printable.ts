/**
 * Text of workers on its way to a terminal: it is data, and must not steer what shows it.
 */

/** Without what a terminal would obey; tabs and line ends stay. */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")

/** The last `count` lines, as they are printed; none of a text that says nothing. */
export const lastLines = (text: string, count: number): ReadonlyArray<string> => {
  const lines = printable(text.replaceAll(/\r\n?/g, "\n")).trimEnd()
  return lines === "" ? [] : lines.split("\n").slice(-count)
}

/** As one line. */
export const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, " ")).trim()
