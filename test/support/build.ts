/**
 * Before the tests: the bundles are made anew, so that what is tested through the command is what stands in `src`.
 */
import { execFileSync } from "node:child_process"

export default (): void => {
  execFileSync("npm", ["run", "build", "--silent"], { stdio: "inherit" })
}
