/**
 * The other side of a pool in another process: its calls, answered by the pool of this one.
 */
import { Effect } from "effect"
import { Pool } from "../Pool.ts"
import { PoolRpcs } from "./PoolRpcs.ts"

export const handlers = PoolRpcs.toLayer(Effect.map(Pool, (pool) =>
  PoolRpcs.of({
    submit: ({ request }) => pool.submit(request),
    run: ({ request }) => pool.run(request),
    fanOut: ({ items, options }) => pool.fanOut(items, options),
    runFanOut: ({ items, options }) => pool.runFanOut(items, options),
    group: ({ id }) => pool.group(id),
    groups: ({ page }) => pool.groups(page),
    items: ({ id, page }) => pool.items(id, page),
    retry: ({ id, options }) => pool.retry(id, options),
    refan: ({ id, items, options }) => pool.refan(id, items, options),
    submitChain: ({ request }) => pool.submitChain(request),
    runChain: ({ request }) => pool.runChain(request),
    chain: ({ id }) => pool.chain(id),
    chains: ({ page }) => pool.chains(page),
    resumeChain: ({ id, options }) => pool.resumeChain(id, options),
    forecast: ({ chain }) => pool.forecast(chain),
    route: ({ hints, prompt }) => pool.route(prompt, hints),
    auto: ({ options, prompt }) => pool.auto(prompt, options),
    approve: ({ id, options }) => pool.approve(id, options),
    reject: ({ feedback, id }) => pool.reject(id, feedback),
    setContext: ({ key, scope, value }) => pool.setContext(scope, key, value),
    getContext: ({ key, scope }) => pool.getContext(scope, key),
    deleteContext: ({ key, scope }) => pool.deleteContext(scope, key),
    listContext: ({ scope }) => pool.listContext(scope),
    sendMessage: ({ options, text, to }) => pool.sendMessage(to, text, options),
    readMessages: ({ options }) => pool.readMessages(options),
    listMessages: ({ page }) => pool.listMessages(page),
    wait: ({ options }) => pool.wait(options),
    result: ({ id }) => pool.result(id),
    output: ({ id, page }) => pool.output(id, page),
    list: ({ options }) => pool.list(options),
    cancel: ({ ids, note }) => pool.cancel(ids, note),
    status: () => pool.status,
    slots: ({ filter }) => pool.slots(filter),
    scaleUp: ({ slots }) => pool.scaleUp(slots),
    scaleDown: ({ slots }) => pool.scaleDown(slots),
    setTargetSlots: ({ target }) => pool.setTargetSlots(target),
    configureSlot: ({ change, slot }) => pool.configureSlot(slot, change),
    drain: ({ options }) => pool.drain(options),
    resume: () => pool.resume,
    prune: ({ options }) => pool.prune(options),
    events: () => pool.events
  })))
