/**
 * What a terminal shows of what was painted on it: places that are gone to, lines that are erased, and a second screen that
 * comes and goes. Only characters of one column are known.
 */

const token =
  // oxlint-disable-next-line no-control-regex
  /\u001b\[([<=>?]?)([\d;:]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|\r|\n|[^\r\n\u000f\u001b]+/g

/** The beginning of a command of which the rest is yet to come. */
// oxlint-disable-next-line no-control-regex
const torn = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]*\u001b?|[ -/]*)$/

/** The lines of the screen that is shown in the end, without what is empty after them. */
export const painted = (written: string): ReadonlyArray<string> => {
  const screens: { main: Array<string>; other: Array<string> } = { main: [], other: [] }
  let shown: "main" | "other" = "main"
  let [row, column] = [0, 0]
  for (const [text, mark, amount = "", command] of written.replace(torn, "").matchAll(token)) {
    const lines = screens[shown]
    const line = lines[row] ?? ""
    const many = Number(amount) || 1
    if (text === "\r") column = 0
    else if (text === "\n") row += 1
    else if (!text.startsWith("\u001b")) {
      lines[row] = line.slice(0, column).padEnd(column) + text + line.slice(column + text.length)
      column += text.length
    } else if (mark === "?" && amount === "1049") {
      shown = command === "h" ? "other" : "main"
      if (command === "h") screens.other = []
    } else if (mark !== "") continue
    else if (command === "H") {
      const [down = 1, right = 1] = amount.split(";").map((one) => Number(one) || 1)
      row = down - 1
      column = right - 1
    } else if (command === "A") row = Math.max(0, row - many)
    else if (command === "B") row += many
    else if (command === "C") column += many
    else if (command === "D") column = Math.max(0, column - many)
    else if (command === "G") column = many - 1
    else if (command === "J") lines.splice(amount === "2" ? 0 : row)
    else if (command === "K") lines[row] = line.slice(0, column)
  }
  return Array.from(screens[shown], (line) => (line ?? "").trimEnd())
}
