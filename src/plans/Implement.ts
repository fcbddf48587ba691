/**
 * A change from the plan to the reviewed result. Only the check runs commands; its workers change files, and its reviewer
 * reads them.
 */
export const implement =
  `description: Plan a change, implement it until a check passes, have it reviewed, and mend what the review found.
variables:
  task:
    description: "What is to be changed, and how one can tell that it is done."
  test:
    default: npm test
    description: "The command that has to exit with 0, such as: npm test -- --run"
steps:
  - name: plan
    permissions: read-only
    prompt: |
      Plan this change of the project in the current directory. Change nothing yet.

      <task>
      {vars.task}
      </task>

      Read the code that it touches, and what the project says about itself (README, contribution notes, the tests next
      to the code). Then answer with a plan that somebody can follow who has not read the code:

      1. What is to be true when it is done, as a short list that can be checked one by one.
      2. Which files change, and what changes in each, in the order in which it is best done.
      3. Which tests are added or changed, and what each of them proves.
      4. What could go wrong, and which parts of the task can be understood in more than one way. Say which of them you
         take, and why.

      Plan the smallest change that does the whole task. Name real files and functions only: look them up.

  - name: implement
    permissions: edit
    prompt: |
      Make this change of the project in the current directory.

      <task>
      {vars.task}
      </task>

      The plan for it:

      {steps.plan.output}

      This is round {loop.round}. After each round this command decides whether the work is done: {vars.test}
      In the first round it has said nothing yet; in later ones, what you see in the files is the work so far, and this
      is what the command has said about it:

      {loop.output}

      How to work:
      - Follow the plan, and leave it only where the code shows that it is wrong. Say where you did.
      - Keep to the style, the names and the structure of the code around your change.
      - Write the tests of the plan. A test must be able to fail; never weaken, skip or delete one to make the command pass.
      - In a later round find the cause of what the command says before you change anything, and mend the cause.
      - Leave nothing half done, no debugging output, and no change that the task does not ask for.

      End with a short report: which files you changed and why, and what you could not do.
    loop:
      check: sh -c "{vars.test}"
      max: 4

  - name: review
    permissions: read-only
    prompt: |
      Review a change of the project in the current directory. You have not written it, and you are the last one to look
      at it before it is used.

      <task>
      {vars.task}
      </task>

      The plan was:

      {steps.plan.output}

      Its author reports:

      {steps.implement.output}

      The report is a claim and no evidence: read the changed files themselves and the code that uses them. The command
      {vars.test} passes, so look for what it does not see:

      - Does it do the whole task, as it was asked? Is every point of the plan's list true?
      - Is it correct at the edges: empty and huge input, errors, things that happen at the same time, what comes from
        outside?
      - Do its tests prove what they say, and would they fail without the change?
      - Does it break or make worse anything else: a caller, a format, a promise in the documentation?
      - Is it as simple as it can be, and does it fit the code around it?

      Report only what you have seen in the code and could show to its author. Each finding says what goes wrong, for whom
      and when. Matters of taste are none. The verdict is "changes" if there is at least one finding that has to be mended
      before the change is used, and "approve" otherwise.
    schema:
      type: object
      properties:
        verdict:
          type: string
          enum: [approve, changes]
        summary:
          type: string
          description: What the change does, and what you think of it, in at most three sentences.
        findings:
          type: array
          items:
            type: object
            properties:
              severity:
                type: string
                enum: [must-fix, should-fix]
              file:
                type: string
                description: Path from the project's root, with the line, as in src/a.ts:12.
              problem:
                type: string
                description: What goes wrong, for whom and when.
              remedy:
                type: string
                description: What would mend it.
            required: [severity, file, problem, remedy]
            additionalProperties: false
      required: [verdict, summary, findings]
      additionalProperties: false

  - name: mend
    when:
      value: "{steps.review.verdict}"
      is: changes
    permissions: edit
    prompt: |
      Mend what a review has found in a change of the project in the current directory. The change is in the files.

      <task>
      {vars.task}
      </task>

      The findings:

      {steps.review.findings}

      This is round {loop.round}. After each round this command decides whether the work is done: {vars.test}
      What it has said after the last round, if there was one:

      {loop.output}

      Go through the findings one by one. Look at the code first: where a finding is right, mend its cause and add a test
      that would have found it; where it is wrong, leave the code as it is. Change nothing else, and weaken no test.

      End with a list of all findings, each with what you did about it, or why it is wrong.
    loop:
      check: sh -c "{vars.test}"
      max: 3
`
