/**
 * What the pool's git is asked for, read from the sources that ask it; and a git that keeps what it was asked for.
 */
import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import type { Git } from "../../src/services/Git.ts"
import { verbOf } from "../../src/services/git/Command.ts"

const directory = "src/services/git"

/** By the name of the file, without its ending. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [basename(name, ".ts"), readFileSync(`${directory}/${name}`, "utf8")])
)

/** Those outside of that folder which run git by themselves. */
export const strangers: ReadonlyArray<string> = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("services/git/"))
  .filter((name) => /\b(?:git|own)\s*\.run\(|\brunGit\(/.test(readFileSync(`src/${name}`, "utf8")))
  .toSorted()

/** Every function that is exported there and is given a git: `File.function`. */
export const functions: ReadonlyArray<string> = [...sources].flatMap(([name, source]) =>
  [...source.matchAll(/^export const (\w+) = (?:Effect\.fnUntraced\(\s*function\*)?\(\s*git: Git\["Service"\]/gm)].map(
    ([, made]) => `${name}.${made!}`
  )
)

/** A git that keeps the verbs that it was asked for. */
export const recorded = (git: Git["Service"], verbs: Set<string>): Git["Service"] => ({
  ...git,
  run: (checkout, args, options) => {
    verbs.add(verbOf(args))
    return git.run(checkout, args, options)
  }
})

const skip = /^(?:\s|\/\/[^\n]*\n)*/

/** What is given on unchanged, by a git that stands for another one. */
const givenOn = /^run: \(checkout, args, options = \{\}\) =>\s*git\.run\(checkout, args,/

/**
 * The verbs that a source asks git for, read from its text: what stands first in the list that any `run` gets as its second
 * argument. A list that does not begin with its verb, or with `-c`, or that is made elsewhere, is `unreadable`.
 */
export const verbsIn = (source: string): ReadonlyArray<string> =>
  [...source.matchAll(/(?:run: \(checkout, args, options = \{\}\) =>\s*)?\b\w+\s*\.run\(/g)].flatMap(
    ({ index, 0: { length } }) => {
      const text = source.slice(index)
      if (givenOn.test(text)) return []
      const unreadable = [`unreadable: ${text.slice(0, 60)}`]
      // A checkout is a name, or made of one; the list begins right after it.
      const [before] = /^\s*\w+(?:\(\w+(?:\.\w+)*\))?,\s*\[/.exec(source.slice(index + length)) ?? []
      if (before === undefined) return unreadable
      const words: Array<string> = []
      for (let at = index + length + before.length;;) {
        at += skip.exec(source.slice(at))![0].length
        const [whole, word] = /^(?:"([^"]*)"|`[^`]*`)(?:\s|\/\/[^\n]*\n)*,?/.exec(source.slice(at)) ?? []
        if (whole === undefined) break
        words.push(word ?? "-")
        at += whole.length
      }
      return verbOf(words) === "" ? unreadable : [verbOf(words)]
    }
  )
