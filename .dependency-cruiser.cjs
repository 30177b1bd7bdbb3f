/** The import rules of docs/architecture: main → cli → App → {http, review, github, model} → queue → database. */
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from, to })

module.exports = {
  forbidden: [
    rule("no-circular", {}, { circular: true }, "Modules that need each other are one module or three."),
    rule(
      "database-is-the-bottom",
      { path: "^src/database/" },
      { path: "^src/(?!database/)" },
      "The database room knows nothing of what is stored."
    ),
    rule(
      "queue-knows-only-database",
      { path: "^src/queue/" },
      { path: "^src/(?!queue/|database/)" },
      "The queue knows jobs, leases and time; nothing of GitHub or models."
    ),
    rule(
      "queue-touches-database-in-one-place",
      { path: "^src/queue/", pathNot: "^src/queue/JobStore/Postgres" },
      { path: "^src/database/" },
      "Only the Postgres store speaks SQL."
    ),
    rule(
      "leases-are-granted-by-stores",
      { path: "^src/", pathNot: "^src/queue/JobStore/" },
      { path: "^src/queue/JobStore/grant\\.ts$" },
      "A lease is proof only if nobody else can make one."
    ),
    rule(
      "github-stands-alone",
      { path: "^src/github/" },
      { path: "^src/(?!github/|queue/|database/)" },
      "GitHub is an outside system behind a Tag."
    ),
    rule(
      "review-sees-github-through-its-tag",
      { path: "^src/review/" },
      {
        path: "^src/(?!review/|queue/|database/|github/(CheckRunsJob|Command|CommandAccess|Github|GithubError)\\.ts$)"
      },
      "The pipeline runs against any implementation of its outside."
    ),
    rule(
      "models-implement-the-review-port",
      { path: "^src/model/" },
      { path: "^src/(?!model/|review/)" },
      "A provider needs the port and the diff, nothing else."
    ),
    rule(
      "http-serves",
      { path: "^src/http/" },
      { path: "^src/(?!http/|github/|review/|queue/|database/|Config\\.ts$)" },
      "Routes call what stands below them."
    ),
    rule(
      "sandbox-is-for-the-demo",
      { path: "^src/", pathNot: "^src/(sandbox/|cli/(demo|sandbox)[./])" },
      { path: "^src/sandbox/" },
      "Product code never imports the outside's stand-ins."
    ),
    rule(
      "sandbox-plays-the-outside",
      { path: "^src/sandbox/" },
      { path: "^src/(?!sandbox/)" },
      "A stand-in that shares code with what it stands against proves nothing."
    ),
    rule(
      "index-is-for-others",
      { path: "^src/" },
      { path: "^src/index\\.ts$" },
      "Nothing inside imports the public surface."
    ),
    rule(
      "main-starts-the-command-line",
      { path: "^src/main\\.ts$" },
      { path: "^src/(?!cli/)" },
      "main starts the command line, nothing else."
    ),
    rule(
      "cli-is-above-everything",
      { path: "^src/", pathNot: "^src/(main\\.ts|cli/)" },
      { path: "^src/cli/" },
      "Only main starts commands."
    ),
    rule(
      "app-composes",
      { path: "^src/", pathNot: "^src/(index\\.ts|App\\.ts|cli/)" },
      { path: "^src/App\\.ts$" },
      "Rooms don't know the house."
    )
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] }
  }
}
