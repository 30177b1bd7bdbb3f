/** Comments on a pull request as a whole, which GitHub keeps as those of an issue, and reactions to comments. */
import { Effect } from "effect"
import type { InstallationClient, PullRequestRef } from "../Github.ts"
import { readComments, readId } from "./Answers.ts"
import type { InstallationRequests } from "./InstallationRequests.ts"

const issueOf = ({ owner, pullRequest, repo }: PullRequestRef) => ({ owner, repo, issue_number: pullRequest })

export const makeComments = (
  github: InstallationRequests
): Pick<InstallationClient, "addReaction" | "createIssueComment" | "listIssueComments"> => ({
  /** https://docs.github.com/en/rest/issues/comments#list-issue-comments */
  listIssueComments: Effect.fn("Github.listIssueComments")((ref) =>
    github.readAll(
      { route: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", parameters: issueOf(ref) },
      readComments
    )
  ),

  /** https://docs.github.com/en/rest/issues/comments#create-an-issue-comment */
  createIssueComment: Effect.fn("Github.createIssueComment")((ref, body) =>
    github.write(
      {
        route: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        parameters: { ...issueOf(ref), body }
      },
      readId
    )
  ),

  /**
   * https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment and
   * `#create-reaction-for-a-pull-request-review-comment`
   */
  addReaction: Effect.fn("Github.addReaction")(({ owner, repo }, { id, thread }, content) =>
    Effect.asVoid(
      github.write(
        {
          route: `POST /repos/{owner}/{repo}/${thread === null ? "issues" : "pulls"}/comments/{comment_id}/reactions`,
          parameters: { owner, repo, comment_id: id, content }
        },
        readId
      )
    )
  )
})
