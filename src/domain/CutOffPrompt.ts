/**
 * What a worker is told whose work was cut off by the end of the pool, in the session that it was in.
 */

export const cutOffPrompt = [
  "Your work on the task in this conversation was cut off: the program that runs you was restarted.",
  "Commands that were running have been ended, and what was under way may be half done.",
  "First look at what you have done already, do not do again what is done, and go on with the task from there.",
  "Then give your whole answer, in the form that the task asks for."
].join(" ")
