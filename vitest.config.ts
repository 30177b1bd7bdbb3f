import { defineConfig } from "vitest/config"

/** The reference machine has two cores. Vitest reads these at the root, and `isolate` in the project as well. */
const poolOptions = {
  forks: { minForks: 1, maxForks: 2 },
  threads: { minThreads: 1, maxThreads: 2, isolate: false }
}

const common = { poolOptions, testTimeout: 30_000, hookTimeout: 60_000 }

/** Nothing of them outlives its test, so that their files can share what they load, which takes half of most files' time. */
const together = ["test/{cli,docs,github,http,model,review,sandbox}/**/*.test.ts"]

export default defineConfig({
  test: {
    globalSetup: ["test/support/globalSetup.ts"],
    poolOptions,
    projects: [
      {
        test: {
          ...common,
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: together,
          pool: "forks",
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...common,
          name: "together",
          include: together,
          setupFiles: ["test/support/FreshMethods.ts"],
          pool: "threads",
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
