/**
 * What the simulator says when no scenario says it: enough for somebody who tries the program without an account.
 */

const haikus: ReadonlyArray<readonly [topic: RegExp, lines: ReadonlyArray<string>]> = [
  [/\brust\b/i, ["The borrow checker", "hums while the iron reddens:", "old rust, new armour."]],
  [/\beffect\b/i, ["Fibers wait in line,", "each failure knows its own name;", "the scope folds its hands."]],
  [/\b(typescript|javascript|node)\b/i, [
    "Types fall like soft snow",
    "and melt before the runtime.",
    "The tracks remain straight."
  ]],
  [/\bpython\b/i, ["Indent by four steps;", "the snake sleeps along the line", "and nothing is lost."]],
  [/\b(pool|worker|parallel|concurren)/i, [
    "Eight small lamps are lit,",
    "each at work on its own page.",
    "One hand turns them down."
  ]],
  [/\b(git|merge|branch)/i, ["Two branches at dusk", "lean over the same dark stream", "and touch: one river."]],
  [/\b(test|bug)/i, ["Green, green, green, then red.", "The one that spoke up in time", "saved the whole evening."]],
  [/\b(sea|ocean|water|rain)/i, ["Rain on the wide sea:", "a thousand small signatures,", "none of them is kept."]],
  [/\b(autumn|fall|leaf|leaves|tree)/i, [
    "A leaf lets go first;",
    "the branch keeps the shape of it",
    "all through the winter."
  ]]
]

const anyHaiku = ["No model was asked.", "The page still has its three lines,", "counted, cold and free."]

const haikuAbout = (prompt: string): string => {
  const subject = /haiku (?:about|on|for) (.{1,80})/i.exec(prompt)?.[1] ?? prompt
  return (haikus.find(([topic]) => topic.test(subject))?.[1] ?? anyHaiku).join("\n")
}

const note = "(Simulated: no model was asked.)"

const quoteOf = (prompt: string): string => {
  const line = prompt.split("\n").map((part) => part.trim()).find((part) => part !== "") ?? ""
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`
}

const topics: ReadonlyArray<readonly [topic: RegExp, answer: (prompt: string) => string]> = [
  [/\b(say|reply with|answer with) (hi|hello)\b/i, () => "Hello! I am a simulated worker."],
  [/\bwho are you\b|\bwhat are you\b/i, () => "I am a simulated worker: I play the part of a Claude CLI process."],
  [
    /\b(review|audit)\b/i,
    () => "I looked at it as a reviewer would. A real worker lists its findings here, with file and line."
  ],
  [
    /\b(fix|implement|refactor|add|write|build|make)\b/i,
    (prompt) =>
      `I was asked: “${quoteOf(prompt)}”. A real worker changes files now, runs the checks, and sums up what it did.`
  ]
]

/** The answer to a prompt; `earlier` are the prompts that this session has answered before. */
export const answerTo = (prompt: string, earlier: ReadonlyArray<string>): string => {
  if (/\bhaiku/i.test(prompt)) return haikuAbout(prompt)
  const topic = topics.find(([pattern]) => pattern.test(prompt))
  const answer = topic === undefined
    ? `I was asked: “${quoteOf(prompt)}”. A real worker answers here.`
    : topic[1](prompt)
  const last = earlier.at(-1)
  const context = last === undefined
    ? []
    : [
      `This goes on from ${earlier.length} earlier prompt${earlier.length === 1 ? "" : "s"}, the last “${
        quoteOf(last)
      }”.`
    ]
  return [...context, answer, "", note].join("\n")
}
