/**
 * On what kind of file system a directory lies: on one that is reached over a network, or shared with another system, locks
 * do not always hold and what is written is not always kept.
 */
import { Effect } from "effect"
import { statfs } from "node:fs/promises"

/** By the numbers that Linux has for them. */
const shared: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xfe534d42: "SMB",
  0xff534d42: "SMB",
  0x01021997: "9p",
  0x00c36400: "Ceph",
  0x5346414f: "AFS",
  0x6a656a63: "virtiofs"
}

/** Its name, where it is one of those; null where it is not, or cannot be told. */
export const sharedFileSystem = (directory: string): Effect.Effect<string | null> =>
  Effect.promise(async () => {
    if (process.platform !== "linux") return null
    const info = await statfs(directory).catch(() => null)
    return info === null ? null : shared[info.type >>> 0] ?? null
  })
