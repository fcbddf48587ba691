/**
 * A large task in parts: one worker plans them, others do them one after the other, and one sums up.
 */
export const planThenExecute =
  `description: Plan a large task as a list of small ones, do each of them, and sum up what came of it.
variables:
  task:
    description: "What is to be done, and how one can tell that it is done."
  most:
    type: number
    default: 8
    description: "The most parts that it is divided into."
steps:
  - name: plan
    permissions: read-only
    prompt: |
      Divide this task, in the project in the current directory, into parts. Do none of it yet.

      <task>
      {vars.task}
      </task>

      Read enough of the project to know what the task really takes. Then make a list of at most {vars.most} parts:

      - All parts together do the whole task, and nothing besides it.
      - They are done in the order of the list, each by somebody who sees the results of the earlier ones in the files, but
        knows neither this conversation nor the other parts. So each part says all that is needed to do it.
      - Each can be finished and checked by itself, and leaves the project in a state that works.
      - No two of them do the same thing. A part that is too small to be worth an errand belongs to another one.

      Name real files and functions only: look them up.
    schema:
      type: object
      properties:
        tasks:
          type: array
          minItems: 1
          items:
            type: object
            properties:
              title:
                type: string
                description: The part in at most ten words.
              instructions:
                type: string
                description: "What is to be done and why, with the files, names and decisions that one has to know."
              done_when:
                type: string
                description: How one can tell, by looking at the files, that it is done.
            required: [title, instructions, done_when]
            additionalProperties: false
        assumptions:
          type: string
          description: What the task leaves open, and how it was understood.
      required: [tasks, assumptions]
      additionalProperties: false

  - name: execute
    for_each: "{steps.plan.tasks}"
    # One after the other, for they work in the same directory; more only where no two parts touch the same files.
    concurrency: 1
    on_item_failure: fail-fast
    permissions: edit
    prompt: |
      Do one part of a larger task, in the project in the current directory. Earlier parts are done: their results are in
      the files. Later parts are done by others; leave them to them.

      The whole task, so that you know what it is for:

      <task>
      {vars.task}
      </task>

      Your part: {item.title}

      {item.instructions}

      It is done when this is so: {item.done_when}

      Look at the files before you change them, for an earlier part may have changed them. Keep to the style of the code
      around your change. Where the part cannot be done as it is described, do what comes nearest to its purpose, and say so.

      End with a short report: what you changed, in which files; how you know that it is done; and what is left open.

  - name: summary
    permissions: read-only
    prompt: |
      A task in the project in the current directory was divided into parts, and each of them was done by somebody.

      <task>
      {vars.task}
      </task>

      How it was understood:

      {steps.plan.assumptions}

      The parts:

      {steps.plan.tasks}

      What was reported about each of them, in the same order:

      {steps.execute.output}

      Look into the files whether the reports are true, then write for the person who gave the task:

      1. In one or two sentences: is the task done?
      2. What has changed, by purpose and not by file, with the files in parentheses.
      3. What is missing, wrong or open, with what to do about it. Say so plainly where a report is not true.
      4. How the person can try it out.
`
