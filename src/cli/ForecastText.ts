/**
 * What a fan-out would do, as text: each of its prompts, and what all of it may cost at most.
 */
import type { FanOutForecast } from "../domain/FanOutRequest.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import { counted } from "./Count.ts"
import { oneLine } from "./Printable.ts"
import { table } from "./Table.ts"

const usd = (amount: number): string => formatUsd(fromUsd(amount))

export const forecastText = ({ budget_usd, items, reserve_usd }: FanOutForecast, width: number): string =>
  [
    ...table([["ITEM", "PROMPT"], ...items.map(({ prompt }, index) => [String(index), oneLine(prompt)])], width),
    "",
    `in all: ${counted(items.length, "item")}, at most ${usd(reserve_usd)}${
      budget_usd === undefined ? "" : `; it is stopped at ${usd(budget_usd)}`
    }`
  ].join("\n")
