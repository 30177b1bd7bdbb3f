/** The value below which this share of the values lies; not a number when there are none. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

export interface Spread {
  readonly p50: number
  readonly p99: number
}

export const spread = (values: ReadonlyArray<number>): Spread => ({
  p50: round(quantile(values, 0.5)),
  p99: round(quantile(values, 0.99))
})

/** To three digits that count; more would claim what no run repeats. */
export const round = (value: number): number => Number(value.toPrecision(value >= 1000 ? 4 : 3))
