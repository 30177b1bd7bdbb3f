import { defineConfig } from "vitest/config"

const timeouts = { testTimeout: 30_000, hookTimeout: 60_000 }

/** Nothing of them outlives its test, so that their files can share what they load, which takes half of most files' time. */
const together = ["test/{cli,docs,github,http,model,review,sandbox}/**/*.test.ts"]

export default defineConfig({
  test: {
    globalSetup: ["test/support/globalSetup.ts"],
    // Two, because the reference machine has two cores. Vitest wants to be told of `isolate` here and in the project.
    poolOptions: {
      forks: { minForks: 1, maxForks: 2 },
      threads: { minThreads: 1, maxThreads: 2, isolate: false }
    },
    projects: [
      {
        test: {
          ...timeouts,
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: together,
          pool: "forks",
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...timeouts,
          name: "together",
          include: together,
          setupFiles: ["test/support/FreshMethods.ts"],
          pool: "threads",
          poolOptions: { threads: { isolate: false } },
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
