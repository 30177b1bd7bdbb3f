export const table = (results: unknown) => JSON.stringify(results, null, 2)
export const page = (..._args: ReadonlyArray<unknown>) => ""
