/**
 * Work of every kind, as a coordinator asks for it: drawn from a seed, each piece with a price of its own, so that what is
 * booked can be told from what is not.
 */
import { type Draw, pick } from "./Seed.ts"
import type { Work } from "./World.ts"

export type Kind = "run" | "submit" | "group" | "chain" | "review"

/** A task's prompt: what it says, after how long, and from how many tokens. They have the prices of their model, as all have. */
const promptOf = (draw: Draw, token: string, answer: string): string =>
  `[[delay:${draw(4) * 10}]] [[tokens:${100 + draw(900)},${10 + draw(90)},0,0]] [[say:${answer}]] ${token}`

/** Work of that kind. The key is what makes it one and the same, whoever asks for it and how often. */
export const workOf = (draw: Draw, kind: Kind, key: string): Work => {
  const token = `<${key}>`
  const prompt = (number = 0) => promptOf(draw, token, `answer ${key}.${number}`)
  switch (kind) {
    case "run":
      return { key, token, tool: "pool_run", args: { prompt: prompt() } }
    case "submit":
      return { key, token, tool: "pool_submit", args: { prompt: prompt() } }
    case "review":
      return { key, token, tool: "pool_submit_with_review", args: { prompt: prompt() } }
    case "group":
      return {
        key,
        token,
        tool: "pool_fan_out",
        args: {
          prompts: Array.from({ length: 2 + draw(2) }, (_, n) => prompt(n)),
          ...(draw(3) > 0 ? {} : { combine: `${prompt(9)} {outcomes}` })
        }
      }
    case "chain":
      return {
        key,
        token,
        tool: "pool_submit_chain",
        args: { steps: Array.from({ length: 2 + draw(2) }, (_, n) => ({ name: `s${n}`, prompt: prompt(n) })) }
      }
  }
}

const kinds = ["run", "run", "submit", "submit", "group", "chain", "review"] as const

export const drawWork = (draw: Draw, key: string): Work => workOf(draw, pick(draw, kinds), key)
