/** Everything of the REST API that the sandbox answers, as its table of routes. */
import { appOperations } from "./AppOperations.ts"
import { checkOperations } from "./CheckOperations.ts"
import { collaboratorOperations } from "./CollaboratorOperations.ts"
import { commentOperations } from "./CommentOperations.ts"
import { compareOperations } from "./CompareOperations.ts"
import { contentOperations } from "./ContentOperations.ts"
import { deliveryOperations } from "./DeliveryOperations.ts"
import type { Operation } from "./Operation.ts"
import { pullOperations } from "./PullOperations.ts"
import { reviewOperations } from "./ReviewOperations.ts"

export const allOperations: ReadonlyArray<Operation> = [
  ...appOperations,
  ...deliveryOperations,
  ...pullOperations,
  ...reviewOperations,
  ...checkOperations,
  ...commentOperations,
  ...collaboratorOperations,
  ...compareOperations,
  ...contentOperations
]
