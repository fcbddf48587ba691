/**
 * What a terminal shows of what was written to it: the lines that are not empty, as far as our own programs steer one.
 */

// oxlint-disable-next-line no-control-regex
const token = /\u001b\[(\d*)([AJK])|\r|\n|[^\r\n\u001b]+/g

export const screenOf = (written: string): ReadonlyArray<string> => {
  const lines: Array<string> = [""]
  let row = 0
  let column = 0
  for (const [text, amount, command] of written.matchAll(token)) {
    const line = lines[row] ?? ""
    if (text === "\r") column = 0
    else if (text === "\n") {
      row += 1
      column = 0
    } else if (command === "A") row = Math.max(0, row - Number(amount))
    else if (command === "K") lines[row] = line.slice(0, column)
    else if (command === "J") lines.splice(row, Infinity, line.slice(0, column))
    else {
      lines[row] = line.slice(0, column).padEnd(column) + text + line.slice(column + text.length)
      column += text.length
    }
  }
  return Array.from(lines, (line) => line ?? "").filter((line) => line !== "")
}
