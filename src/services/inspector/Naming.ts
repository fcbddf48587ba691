/**
 * Names of files in a sentence: the first of them, and how many more there are.
 */
import { cleanLine } from "../../domain/UntrustedText.ts"

const mostNames = 10

/** `src/a.ts, src/b.ts and 4 more`. Somebody else chose them, so nothing that cannot be seen is in them. */
export const namesOf = (paths: ReadonlyArray<string>): string => {
  const named = paths.slice(0, mostNames).map((path) => cleanLine(path, 200)).join(", ")
  return paths.length > mostNames ? `${named} and ${paths.length - mostNames} more` : named
}
