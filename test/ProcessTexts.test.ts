/**
 * What machines say of their memory and their processes, read from recorded text.
 */
import { assert, describe, it } from "@effect/vitest"
import { darwinTable } from "../src/layers/processes/DarwinTable.ts"
import { linuxMemory } from "../src/layers/processes/LinuxMemory.ts"
import { insideOf } from "../src/layers/processes/LsofText.ts"
import { parsePs, parseVmStat } from "../src/layers/processes/PsText.ts"

describe("the memory of Linux", () => {
  const machine = { "/proc/meminfo": "MemTotal:        8000 kB\nMemFree:  100 kB\nMemAvailable:    6000 kB\n" }
  const memoryOf = (files: Readonly<Record<string, string>>) =>
    linuxMemory((path) => ({ ...machine, ...files })[path] ?? null)
  const kib = (totalBytes: number, availableBytes: number) => ({
    totalBytes: totalBytes * 1024,
    availableBytes: availableBytes * 1024
  })

  it("is the machine's without a limit", () => {
    assert.deepStrictEqual(memoryOf({}), kib(8000, 6000))
    const group = "/sys/fs/cgroup/user/me"
    assert.deepStrictEqual(
      memoryOf({
        "/proc/self/cgroup": "0::/user/me\n",
        [`${group}/memory.max`]: "max\n",
        [`${group}/memory.current`]: "1000\n"
      }),
      kib(8000, 6000)
    )
  })

  it("is what a control group leaves, its own or one that it is in, where that is less", () => {
    assert.deepStrictEqual(
      memoryOf({
        "/proc/self/cgroup": "0::/a/b\n",
        "/sys/fs/cgroup/a/memory.max": String(4000 * 1024),
        "/sys/fs/cgroup/a/memory.current": String(3500 * 1024),
        "/sys/fs/cgroup/a/memory.stat": `anon 5\ninactive_file ${500 * 1024}\nactive_file 7\n`
      }),
      kib(4000, 1000)
    )
  })

  it("is what a group of the older interface leaves, also where a container shows it as the root", () => {
    assert.deepStrictEqual(
      memoryOf({
        "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/0123\n0::/x\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": String(2000 * 1024),
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": String(2500 * 1024)
      }),
      kib(2000, 0)
    )
    assert.deepStrictEqual(
      memoryOf({
        "/proc/self/cgroup": "4:memory:/\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n"
      }),
      kib(8000, 6000)
    )
  })
})

describe("what macOS says", () => {
  const marker = "0123456789abcdef0123456789abcdef"
  const ps = [
    "    1 Ss    12032   0:09.31 Mon Nov 16 07:12:45 2026     /sbin/launchd",
    `  501 S+   204800   1:02.50 Sat Nov 21 08:02:24 2026     claude --print HOME=/Users/a b CLAUDE_POOL_MARKER=${marker}-1 LANG=C`,
    `  502 Z         0   0:00.00 Sat Nov 21 08:02:25 2026     (node) CLAUDE_POOL_MARKER=${marker}-1`,
    `10503 Ss     1024 1-02:03:04 Sun Nov  1 08:02:25 2026     node x.js CLAUDE_POOL_MARKER=${marker}-2`,
    "  504 S      1024   0:00.10 Sat Nov 21 08:02:26 2026     grep MY_CLAUDE_POOL_MARKER=x",
    ""
  ].join("\n")

  it("of its processes is read column by column", () => {
    assert.deepStrictEqual(
      parsePs(ps).map(({ cpuMs, isDead, marker, pid, startedAt }) => [pid, isDead, cpuMs, startedAt, marker]),
      [
        [1, false, 9310, "Mon Nov 16 07:12:45 2026", null],
        [501, false, 62_500, "Sat Nov 21 08:02:24 2026", `${marker}-1`],
        [502, true, 0, "Sat Nov 21 08:02:25 2026", `${marker}-1`],
        [10_503, false, 93_784_000, "Sun Nov 1 08:02:25 2026", `${marker}-2`],
        [504, false, 100, "Sat Nov 21 08:02:26 2026", null]
      ]
    )
  })

  it("of its processes is asked once a second for figures, and anew before anything is ended", () => {
    const asked: Array<ReadonlyArray<string>> = []
    let now = 0
    const table = darwinTable((_, words) => {
      asked.push(words)
      return ps
    }, () => now)
    const [first, second] = table.usage([marker, `${marker}-2`])
    assert.deepStrictEqual(first, { processes: 2, rssBytes: 205_824 * 1024, cpuMs: 93_846_500 })
    assert.strictEqual(second?.processes, 1)
    now = 999
    table.usage([marker])
    assert.strictEqual(asked.length, 1)
    now = 1000
    table.usage([marker])
    assert.strictEqual(asked.length, 2)
    assert.deepStrictEqual(table.marked(`${marker}-1`), [{ pid: 501, startedAt: "Sat Nov 21 08:02:24 2026" }])
    assert.strictEqual(asked.length, 3)
    // The right id with another start, and the right start with another marker: neither is signalled.
    assert.isFalse(table.signal({ pid: 501, startedAt: "Sat Nov 21 08:02:25 2026" }, marker, "SIGKILL"))
    assert.isFalse(table.signal({ pid: 501, startedAt: "Sat Nov 21 08:02:24 2026" }, `${marker}-2`, "SIGKILL"))
    assert.deepStrictEqual(asked.at(-1)?.slice(0, 2), ["-p", "501"])
  })

  it("of where its processes work is read field by field", () => {
    const text = "p501\nfcwd\nn/Users/a/w\np502\nfcwd\nn/Users/a/w/src x\np503\nfcwd\nn/Users/a/wide\np504\nfcwd\nn/\n"
    assert.deepStrictEqual(insideOf("/Users/a/w", text), [501, 502])
    assert.deepStrictEqual(insideOf("/Users/a/w", ""), [])
  })

  it("of its memory is counted in pages", () => {
    const text = [
      "Mach Virtual Memory Statistics: (page size of 16384 bytes)",
      "Pages free:                               10.",
      "Pages active:                            900.",
      "Pages inactive:                           20.",
      "Pages speculative:                         5.",
      "Pages wired down:                        300.",
      ""
    ].join("\n")
    assert.strictEqual(parseVmStat(text), 35 * 16_384)
    assert.isNull(parseVmStat("vm_stat: not here"))
  })
})
