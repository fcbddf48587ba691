/**
 * So many of so many, and how sure that is.
 */

export interface Proportion {
  readonly count: number
  readonly of: number
}

/** Two-sided, 95 %. */
const z = 1.96

/** Wilson's interval: it stays between 0 and 1, and is honest where there are few or nearly all. */
export const interval = ({ count, of }: Proportion): readonly [low: number, high: number] => {
  if (of === 0) return [0, 1]
  const share = count / of
  const scale = 1 + z ** 2 / of
  const centre = (share + z ** 2 / (2 * of)) / scale
  const half = z * Math.sqrt(share * (1 - share) / of + z ** 2 / (4 * of ** 2)) / scale
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** `98.0 % (49 of 50; 89.5 % to 99.6 %)` */
export const formatProportion = (proportion: Proportion): string => {
  const { count, of } = proportion
  if (of === 0) return "-"
  const [low, high] = interval(proportion)
  return `${percent(count / of)} (${count} of ${of}; ${percent(low)} to ${percent(high)})`
}
