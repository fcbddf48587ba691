/**
 * Who decides on results: with a person, other tools take the place of those by which the session decides itself.
 */
import type { Reviewer } from "../domain/Review.ts"
import type { Tool } from "./Tool.ts"
import { PoolApproveResultByPerson } from "./tools/PoolApproveResult.ts"
import { PoolRejectResultByPerson } from "./tools/PoolRejectResult.ts"

const byPerson = new Map([PoolApproveResultByPerson, PoolRejectResultByPerson].map((tool) => [tool.name, tool]))

export const reviewedBy = (reviewer: Reviewer) => (tool: Tool): Tool =>
  reviewer === "human" ? byPerson.get(tool.name) ?? tool : tool
