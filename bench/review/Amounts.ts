/** How much of the review pipeline is measured: two minutes at most, also on a machine that has something else to do. */
export interface Amounts {
  /** Of each way through the pipeline; after these milliseconds no further one is begun. */
  readonly samples: number
  readonly sampleMs: number
  /** Of each review whose model takes its time. */
  readonly reviews: number
}

export const full: Amounts = { samples: 31, sampleMs: 2_000, reviews: 1 }

export const quick: Amounts = { samples: 5, sampleMs: 300, reviews: 1 }
