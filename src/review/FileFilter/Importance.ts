/** Which changed files matter most, when not all of them can be reviewed. */
import { Order } from "effect"
import type { ChangedFile } from "../Diff.ts"
import { isConfiguration, isDocumentation, isSource, isTestPath } from "./Names.ts"

/** 0 is reviewed first. */
const rank = (path: string): number => {
  if (isTestPath(path)) return 2
  if (isDocumentation(path)) return 3
  if (isSource(path)) return 0
  if (isConfiguration(path)) return 1
  return 4
}

/**
 * Program text before configuration before tests before prose before the rest; among equals the file with more changed
 * lines first, then by path, so that the order is the same on every run.
 */
export const byImportance: Order.Order<ChangedFile> = Order.combineAll<ChangedFile>([
  Order.mapInput(Order.number, (file) => rank(file.path)),
  Order.mapInput(Order.number, (file) => -(file.additions + file.deletions)),
  Order.mapInput(Order.string, (file) => file.path)
])
