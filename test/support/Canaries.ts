/**
 * A repository that runs a program wherever git lets one say so: hooks, drivers, helpers, aliases, included files,
 * submodules. Each of them is a canary of its own, which leaves a file behind when it is run.
 */
import { Effect, FileSystem, Path } from "effect"
import { makeRepository, plainGit, writeFiles } from "./Repositories.ts"

/** Those that git itself calls on the way to a commit, a checkout, a merge, a rebase, an import or a push. */
const hooks = [
  "pre-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "pre-merge-commit",
  "post-merge",
  "post-checkout",
  "pre-rebase",
  "post-rewrite",
  "reference-transaction",
  "post-index-change",
  "applypatch-msg",
  "pre-applypatch",
  "post-applypatch",
  "pre-push",
  "pre-receive",
  "update",
  "post-receive",
  "post-update"
]

/** A key of the repository's configuration, and what stands there; `$` is the canary's program. */
const keys: Readonly<Record<string, string>> = {
  "core.fsmonitor": "$",
  "core.sshCommand": "$",
  "core.gitProxy": "$",
  "core.editor": "$",
  "core.askPass": "$",
  "sequence.editor": "$",
  "filter.cleaned.clean": "$; cat",
  "filter.cleaned.smudge": "$; cat",
  "filter.processed.process": "$",
  "filter.byfile.clean": "$; cat",
  "diff.converted.textconv": "$; cat",
  "diff.driven.command": "$",
  "diff.external": "$",
  "merge.driven.driver": "$",
  "trailer.signed.command": "$",
  "trailer.stamped.cmd": "$",
  "gpg.program": "$",
  "credential.helper": "!$",
  "alias.hello": "!$",
  "remote.ext.url": "ext::$",
  "remote.up.uploadpack": "$",
  "remote.down.receivepack": "$",
  "submodule.sub.update": "!$",
  "tar.zip2.command": "$",
  "difftool.looked.cmd": "$",
  "mergetool.joined.cmd": "$",
  "man.read.cmd": "$",
  "browser.seen.cmd": "$"
}

/** What git would not use unless somebody says so; and, last, verbs of ours as aliases. */
const said: Readonly<Record<string, string>> = {
  "protocol.allow": "always",
  "diff.tool": "looked",
  "merge.tool": "joined",
  "man.viewer": "read",
  "remote.up.url": ".",
  "remote.down.url": ".",
  "gc.auto": "0",
  "core.untrackedCache": "true",
  "alias.add": "!false",
  "alias.status": "!false",
  "alias.diff-tree": "!false",
  "alias.update-index": "!false"
}

const attributes = [
  "*.cleaned filter=cleaned",
  "*.processed filter=processed",
  "*.included filter=included",
  "*.conditional filter=conditional",
  "*.worktree filter=worktree",
  "*.converted diff=converted",
  "*.driven diff=driven merge=driven",
  "*.union merge=union"
]

const kinds = ["cleaned", "processed", "included", "conditional", "worktree", "converted", "driven", "byfile", "txt"]

/** Contents that differ from commit to commit, in each kind of file. */
export const contents = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(kinds.map((kind) => [`file.${kind}`, `${text}\n`]))

/** Every canary there is. */
export const canaries: ReadonlyArray<string> = [
  ...hooks.map((hook) => `hook ${hook}`),
  ...Object.keys(keys),
  "include.path",
  "includeIf.path",
  "config.worktree",
  "core.hooksPath",
  "submodule core.fsmonitor"
]

export interface HostilePlace {
  readonly repository: string
  /** Plants what a submodule of a checkout may have, and a configuration of that checkout alone. */
  readonly plantIn: (checkout: string) => Effect.Effect<void, unknown, FileSystem.FileSystem | Path.Path>
  /** Those that were run since. */
  readonly fired: Effect.Effect<ReadonlyArray<string>, unknown, FileSystem.FileSystem>
}

/** Two branches, `main` and `side`, that both change every file; `main` is checked out. Canaries are planted last. */
export const makeHostile = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const [programs, marks] = [path.join(directory, "programs"), path.join(directory, "marks")]
  yield* fs.makeDirectory(programs, { recursive: true })
  yield* fs.makeDirectory(marks, { recursive: true })

  const plant = Effect.fnUntraced(function*(name: string) {
    const program = path.join(programs, encodeURIComponent(name))
    yield* fs.writeFileString(program, `#!/bin/sh\n: > '${path.join(marks, encodeURIComponent(name))}'\nexit 0\n`)
    yield* fs.chmod(program, 0o755)
    return program
  })

  const sub = yield* makeRepository(path.join(directory, "sub"))
  const repository = yield* makeRepository(path.join(directory, "repository"), contents("first"))
  const git = (...args: ReadonlyArray<string>) => plainGit(repository, ...args)
  git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub, "sub")
  yield* writeFiles(repository, { ".gitattributes": `${attributes.join("\n")}\n` })
  git("add", "-A")
  git("commit", "-q", "-m", "attributes")
  for (const branch of ["side", "main"]) {
    if (branch === "side") git("branch", "side", "HEAD")
    git("checkout", "-q", branch)
    yield* writeFiles(repository, contents(branch))
    git("commit", "-q", "-a", "-m", branch)
  }

  for (const hook of hooks) {
    const program = yield* plant(`hook ${hook}`)
    yield* fs.copyFile(program, path.join(repository, ".git", "hooks", hook))
  }
  // The object that another repository lends is never missed: it is there for what asks the other for its references.
  yield* writeFiles(directory, {
    attributes: "*.byfile filter=byfile\n",
    included: `[filter "included"]\n\tclean = ${yield* plant("include.path")}; cat\n`,
    conditional: `[filter "conditional"]\n\tclean = ${yield* plant("includeIf.path")}; cat\n`
  })
  for (const [key, value] of Object.entries(keys)) {
    git("config", key, value.replace("$", () => "\0").replace("\0", yield* plant(key)))
  }
  for (const [key, value] of Object.entries(said)) git("config", key, value)
  git("config", "core.attributesFile", path.join(directory, "attributes"))
  git("config", "include.path", path.join(directory, "included"))
  git("config", `includeIf.gitdir:${repository}/.path`, path.join(directory, "conditional"))
  git("config", "extensions.worktreeConfig", "true")

  const plantIn = Effect.fnUntraced(function*(checkout: string) {
    plainGit(checkout, "config", "--worktree", "filter.worktree.clean", `${yield* plant("config.worktree")}; cat`)
    const hooked = path.join(directory, "hooked")
    yield* fs.makeDirectory(hooked, { recursive: true })
    yield* fs.copyFile(yield* plant("core.hooksPath"), path.join(hooked, "post-index-change"))
    if (checkout !== repository) plainGit(checkout, "config", "--worktree", "core.hooksPath", hooked)
    const inside = path.join(checkout, "sub")
    if (!(yield* fs.exists(path.join(inside, ".git")))) plainGit(directory, "clone", "-q", sub, inside)
    plainGit(inside, "config", "core.fsmonitor", yield* plant("submodule core.fsmonitor"))
    yield* writeFiles(inside, { "a.txt": "dirty\n" })
  })
  yield* plantIn(repository)

  const fired = Effect.map(
    fs.readDirectory(marks),
    (names) => names.map((name) => decodeURIComponent(name)).toSorted()
  )
  return { repository, plantIn, fired } satisfies HostilePlace
})

/** Runs plain git until every canary has had its cause to be run. Whether the commands come to anything is all the same. */
export const provoke = Effect.fnUntraced(function*(place: HostilePlace, directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { repository } = place
  const tryGit = (...args: ReadonlyArray<string>) => Effect.ignore(Effect.try(() => plainGit(repository, ...args)))
  const wanted: ReadonlyArray<ReadonlyArray<string>> = [
    ["diff"],
    ["diff", "--no-ext-diff", "HEAD"],
    ["diff", "HEAD^"],
    ["-c", "diff.external=", "diff", "HEAD^"],
    ["commit", "-q", "-a", "-m", "one"],
    ["commit", "-q", "--amend"],
    ["commit", "-q", "--allow-empty", "-S", "-m", "signed"],
    ["checkout", "-q", "-f", "-b", "other"],
    ["commit", "-q", "--allow-empty", "-m", "empty"],
    ["checkout", "-q", "-f", "main"],
    ["merge", "-q", "side"],
    ["mergetool", "-y"],
    ["reset", "-q", "--hard"],
    ["commit", "-q", "--allow-empty", "-m", "another"],
    ["merge", "-q", "--no-edit", "other"],
    ["reset", "-q", "--hard"],
    ["rebase", "-i", "--no-ff", "HEAD^"],
    ["rebase", "--abort"],
    ["interpret-trailers", "--trailer", "signed=x", "--trailer", "stamped=x", "/dev/null"],
    ["ls-remote", "ssh://host.invalid/x"],
    ["ls-remote", "git://host.invalid/x"],
    ["ls-remote", "ext"],
    ["fetch", "-q", "up"],
    ["push", "-q", "down", "main:refs/heads/new"],
    ["push", "-q", repository, "main:refs/heads/pushed"],
    ["hello"],
    ["-C", "sub", "commit", "-q", "--allow-empty", "-m", "moved"],
    ["submodule", "update"],
    ["archive", "--format=zip2", "HEAD"],
    ["difftool", "-y", "HEAD^", "--", "file.txt"],
    ["web--browse", "--browser=seen", "http://host.invalid/"],
    ["help", "-m", "git"],
    ["-c", "alias.asked=!printf 'protocol=https\\nhost=h\\n\\n' | git credential fill", "asked"]
  ]
  // A filter of that kind that says nothing is the end of every command that comes to it.
  yield* writeFiles(repository, { "file.processed": "other\n" })
  yield* tryGit("add", "file.processed")
  yield* tryGit("config", "--unset", "filter.processed.process")
  for (const args of wanted) {
    const changes = ["commit", "diff", "difftool", "-c"].includes(args[0] ?? "")
    yield* writeFiles(repository, changes ? contents(args.join(" ")) : {})
    yield* tryGit(...args)
  }
  yield* tryGit("reset", "-q", "--hard")
  const patch = path.join(directory, "one.patch")
  yield* fs.writeFileString(patch, patchText)
  yield* tryGit("am", "-q", patch)
  const plain = path.join(directory, "plain")
  yield* tryGit("worktree", "add", "-q", "--detach", plain)
  yield* place.plantIn(plain)
  yield* writeFiles(plain, contents("plain"))
  yield* tryGit("-C", plain, "add", "--all")
})

const patchText = `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Ada <ada@example.org>
Date: Sat, 1 Jan 2000 00:00:00 +0000
Subject: [PATCH] by mail

---
diff --git a/mail.txt b/mail.txt
new file mode 100644
--- /dev/null
+++ b/mail.txt
@@ -0,0 +1 @@
+mail
--
2.0
`
