/**
 * The processes of the machine that this runs on, for a program without layers.
 */
import { platform } from "node:process"
import { darwinTable } from "./DarwinTable.ts"
import { linuxTable } from "./LinuxTable.ts"
import type { ProcessTable } from "./ProcessTable.ts"

export const machineTable = (): ProcessTable => platform === "linux" ? linuxTable() : darwinTable()
