/**
 * The two ways out of the process.
 */

/** Set while stdout is to stay silent. */
let isMuted = false

export const mute = (): void => {
  isMuted = true
}

export const write = (bytes: string | Uint8Array): void => {
  if (!isMuted) process.stdout.write(bytes)
}

export const writeLine = (event: object): void => write(`${JSON.stringify(event)}\n`)

export const warn = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** Resolves when all that was written has left the process, or nobody reads it any more. */
export const flushed = async (): Promise<void> => {
  await Promise.all([process.stdout, process.stderr].map((stream) =>
    new Promise<void>((resolve) => {
      stream.write("", () => resolve())
    })
  ))
}

// A reader that has gone does not end the turn: it runs on, as it does in the real CLI.
export const ignoreLostReaders = (): void => {
  process.stdout.on("error", () => undefined)
  process.stderr.on("error", () => undefined)
}
