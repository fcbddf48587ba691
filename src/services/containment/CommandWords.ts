/** A command as it is started, without a shell: a program and its arguments. */
export type CommandWords = readonly [string, ...ReadonlyArray<string>]
