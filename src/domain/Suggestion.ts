/**
 * "Did you mean": the known word that a mistyped one is nearest to.
 */

/** How many letters must be added, dropped, changed or swapped with their neighbour to make one word of the other. */
const distance = (from: string, to: string): number => {
  let beforePrevious: Array<number> = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const changed = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      const isSwap = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const swapped = isSwap ? beforePrevious[column - 2]! + 1 : changed
      current.push(Math.min(changed, swapped, previous[column]! + 1, current[column - 1]! + 1))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length]!
}

/** Null where no word is near enough to be meant; one that goes on where the word ends is near, if it is the only one. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | null => {
  const reach = Math.max(2, Math.floor(word.length / 4))
  const ranked = known.map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
  const best = ranked.toSorted((a, b) => a.steps - b.steps)[0]
  if (best !== undefined && best.steps <= reach && best.steps < word.length) return best.candidate
  const begun = known.filter((candidate) => candidate.startsWith(word))
  return word.length > 2 && begun.length === 1 ? begun[0]! : null
}

/** What to say to somebody who used `word` where only `known` ones are allowed. */
export const didYouMean = (word: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(word, known)
  return `${meant === null ? "" : `did you mean ${meant}? `}allowed: ${known.join(", ")}`
}
