/**
 * The bearer token of the HTTP server: out of a variable, or out of a file in the user's own directory, which is made at
 * the first start. It is shown nowhere.
 */
import { Effect, FileSystem, Path, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { fail } from "../../domain/Failure.ts"
import { InvalidSetting } from "../../domain/RequestFailure.ts"
import { Machine } from "../../services/Machine.ts"
import { userDirectory } from "../settings/UserDirectory.ts"
import { privateFile } from "../store/StoreFiles.ts"

export const tokenVariable = "CLAUDE_POOL_HTTP_TOKEN"

export interface HttpToken {
  readonly value: Redacted.Redacted
  /** Null: the user has given it in the variable. */
  readonly file: string | null
}

/** 256 bits. */
const bytes = 32

/** Long enough that nobody guesses it, and nothing that a header could not carry. */
const shape = /^[\x21-\x7e]{20,512}$/

const wrong = (origin: string, detail: string, hint: string) =>
  fail(new InvalidSetting({ origin, key: "token of the HTTP server", detail, hint }))

/** Where it is kept. */
const tokenFile = Effect.gen(function*() {
  const path = yield* Path.Path
  return path.join(userDirectory(path, yield* Machine), "http-token")
})

/** Whole or not at all, and once: of two servers that start at once, both have the token of the first. */
const create = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const random = yield* SecureRandom.SecureRandom
  yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
  const token = Hex.encode(yield* random.randomBytes(bytes))
  const own = `${file}.${yield* Effect.orDie(random.uuidV4())}`
  yield* Effect.acquireUseRelease(
    fs.writeFileString(own, `${token}\n`, { flag: "wx", mode: privateFile }),
    () => fs.link(own, file),
    () => Effect.ignore(fs.remove(own))
  ).pipe(Effect.catchIf((error) => error.reason._tag === "AlreadyExists", () => Effect.void))
})

const read = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const { mode, type } = yield* fs.stat(file)
  if (type !== "File") return yield* wrong(file, "it is no file", `remove it, or give the token in ${tokenVariable}`)
  if ((mode & 0o077) !== 0) {
    return yield* wrong(
      file,
      "others may read it",
      `make it yours alone with \`chmod 600 ${file}\`, or remove it: a new one is made`
    )
  }
  return (yield* fs.readFileString(file)).trim()
})

const fromFile = Effect.fnUntraced(
  function*(file: string) {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(file))) yield* create(file)
    return yield* read(file)
  },
  (effect, file) =>
    Effect.catchTag(
      effect,
      "PlatformError",
      ({ message }) => wrong(file, message, `make its directory writable, or give the token in ${tokenVariable}`)
    )
)

const checked = (origin: string, token: string) =>
  shape.test(token)
    ? Effect.succeed(Redacted.make(token))
    : wrong(
      origin,
      "it is no token",
      `a token has 20 characters or more, and no spaces: \`openssl rand -hex ${bytes}\` makes one${
        origin === tokenVariable ? "" : ", and so does the next start once the file is removed"
      }`
    )

/** As the user has said it, else that of the file. */
export const httpToken = Effect.gen(function*() {
  const said = (yield* Machine).env[tokenVariable] ?? ""
  if (said !== "") return { value: yield* checked(tokenVariable, said), file: null } satisfies HttpToken as HttpToken
  const file = yield* tokenFile
  return { value: yield* checked(file, yield* fromFile(file)), file } satisfies HttpToken as HttpToken
})
