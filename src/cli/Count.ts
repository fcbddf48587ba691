/**
 * Numbers of things, as people read them.
 */

/** `9,990` */
export const digits = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",")

/** `1 turn`, `2 turns` */
export const counted = (count: number, thing: string): string => `${digits(count)} ${thing}${count === 1 ? "" : "s"}`

const mostNamed = 10

/** The first of them by name, and how many more there are. */
export const someOf = (names: ReadonlyArray<string>): string =>
  [...names.slice(0, mostNamed), ...(names.length > mostNamed ? [`${digits(names.length - mostNamed)} more`] : [])]
    .join(", ")
