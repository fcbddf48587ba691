/**
 * Who is in a directory on macOS, read from the text of `lsof`.
 */

/** The working directory of every process, in fields: `p` and its id, `f`, and `n` and the directory. */
export const lsofWords: ReadonlyArray<string> = ["-a", "-d", "cwd", "-n", "-P", "-F", "pn"]

export const insideOf = (directory: string, text: string): ReadonlyArray<number> => {
  const below = `${directory}/`
  const found = new Set<number>()
  let pid = 0
  for (const line of text.split("\n")) {
    const value = line.slice(1)
    if (line.startsWith("p")) pid = Number(value)
    else if (line.startsWith("n") && (value === directory || value.startsWith(below))) found.add(pid)
  }
  return [...found]
}
