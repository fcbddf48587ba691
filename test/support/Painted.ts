/**
 * What a terminal shows of what was painted on it: places that are gone to, lines that are erased, and a second screen that
 * comes and goes. Only characters of one column are known.
 */

// oxlint-disable-next-line no-control-regex
const token = /\u001b\[(\??)([\d;]*)([A-Za-z])|\r|\n|[^\r\n\u001b]+/g

/** The lines of the screen that is shown in the end, without what is empty after them. */
export const painted = (written: string): ReadonlyArray<string> => {
  const screens: { main: Array<string>; other: Array<string> } = { main: [], other: [] }
  let shown: "main" | "other" = "main"
  let [row, column] = [0, 0]
  for (const [text, mark, amount = "", command] of written.matchAll(token)) {
    const lines = screens[shown]
    const line = lines[row] ?? ""
    if (text === "\r") column = 0
    else if (text === "\n") row += 1
    else if (command === undefined) {
      lines[row] = line.slice(0, column).padEnd(column) + text + line.slice(column + text.length)
      column += text.length
    } else if (mark === "?" && amount === "1049") {
      shown = command === "h" ? "other" : "main"
      if (command === "h") screens.other = []
    } else if (command === "H") {
      const [down = 1, right = 1] = amount.split(";").map((one) => Number(one) || 1)
      row = down - 1
      column = right - 1
    } else if (command === "J") lines.splice(amount === "2" ? 0 : row)
    else if (command === "K") lines[row] = line.slice(0, column)
  }
  return Array.from(screens[shown], (line) => (line ?? "").trimEnd())
}
