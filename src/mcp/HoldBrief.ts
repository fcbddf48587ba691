/**
 * What keeps tasks from being started, as a coordinator reads it: in our own words, with what to tell its user.
 */
import { Schema } from "effect"
import { HoldCause, type HoldView } from "../domain/Hold.ts"

export const HoldBrief = Schema.Struct({
  cause: HoldCause,
  message: Schema.String,
  hint: Schema.String,
  until: Schema.optionalKey(Schema.String)
})
export type HoldBrief = typeof HoldBrief.Type

const words: { readonly [C in HoldView["cause"]]: readonly [message: string, hint: string] } = {
  drain: ["the pool is drained: nothing is started", "tell the user: `claude-pool resume` goes on"],
  crashes: [
    "workers crash one after another: a task is tried now and then",
    "tell the user to run `claude-pool doctor`"
  ],
  login: ["the workers are not logged in, or may not bill", "tell the user to log in with `claude`, or to set a key"],
  limit: ["the provider's usage limit is reached", "wait: work goes on by itself when it is lifted"],
  provider: ["the provider does not answer, or is overloaded", "wait: work goes on by itself"],
  config: ["the pool's claude CLI cannot be used", "tell the user to run `claude-pool doctor`"],
  memory: ["the machine has too little free memory", "wait, or tell the user to end other programs"],
  store: ["the pool's store takes no writes: a full disk, most often", "tell the user to make room; work goes on then"]
}

export const briefHold = ({ cause, until }: HoldView): HoldBrief => {
  const [message, hint] = words[cause]
  return { cause, message, hint, ...(until === undefined ? {} : { until }) }
}
