/**
 * Where the user's own files for this program are.
 */
import type { Path } from "effect"
import type { Machine } from "../../services/Machine.ts"

export const userDirectory = (path: Path.Path, { env, home }: Machine["Service"]): string => {
  const configHome = env["XDG_CONFIG_HOME"] ?? ""
  return path.join(path.isAbsolute(configHome) ? configHome : path.join(home, ".config"), "claude-pool")
}
