/**
 * Before each file that shares its modules with others: `layer` of @effect/vitest 0.30 puts its own `effect` and `scoped`
 * on the one `it` that there is, where files after it would find them: without TestClock, and on a layer that is closed.
 */
import { it, makeMethods } from "@effect/vitest"

Object.assign(it, makeMethods(it))
