"""The double's objects as GitHub's REST API shows them; every address in them is the double's own."""

from __future__ import annotations

import base64

from reconciler.records import dataclass
from reconciler.sandbox.github_git import GitChange, GitCommit, GitEntry
from reconciler.sandbox.github_state import Check, Comment, Issue, Label, Pull, Repo, Status, User

View = dict[str, object]

_REPO_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_MODES = {"blob": "file", "tree": "dir", "commit": "submodule"}


def _node(kind: str, number: int | str) -> str:
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Views:
    """`api` is the base of the REST API, `web` that of the pages and of git."""

    api: str
    web: str

    def user(self, user: User) -> View:
        url = f"{self.api}/users/{user.login}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": _node("User", user.id),
            "avatar_url": f"{self.web}/{user.login}.png",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{user.login}",
            **{name: url + path for name, path in _USER_URLS.items()},
            "type": user.type,
            "site_admin": False,
        }

    def account(self, user: User, created_at: str) -> View:
        nothing = ("company", "location", "email", "hireable", "bio")
        none = ("public_repos", "public_gists", "followers", "following")
        more: View = {"name": user.login, "blog": "", "created_at": created_at, "updated_at": created_at}
        facts: View = {**dict.fromkeys(nothing), **dict.fromkeys(none, 0)}
        return {**self.user(user), **facts, **more, "user_view_type": "public"}

    def _maybe(self, user: User | None) -> View | None:
        return None if user is None else self.user(user)

    def url(self, repo: Repo, path: str = "") -> str:
        return f"{self.api}/repos/{repo.full_name}{path}"

    def page(self, repo: Repo, path: str = "") -> str:
        return f"{self.web}/{repo.full_name}{path}"

    def repo(self, repo: Repo) -> View:
        open_issues = sum(issue.state == "open" for issue in repo.issues.values())
        host = self.web.partition("://")[2]
        return {
            "id": repo.id,
            "node_id": _node("Repository", repo.id),
            "name": repo.name,
            "full_name": repo.full_name,
            "private": True,
            "visibility": "private",
            "owner": self.user(repo.owner),
            "html_url": self.page(repo),
            "description": None,
            "fork": False,
            "url": self.url(repo),
            **{name: self.url(repo, path) for name, path in _REPO_URLS.items()},
            "clone_url": f"{self.page(repo)}.git",
            "git_url": f"git://{host}/{repo.full_name}.git",
            "ssh_url": f"git@{host}:{repo.full_name}.git",
            "svn_url": self.page(repo),
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "license": None,
            **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
            **dict.fromkeys(("size", "network_count", "subscribers_count"), 0),
            "open_issues": open_issues,
            "open_issues_count": open_issues,
            "default_branch": repo.default_branch,
            **dict.fromkeys(("has_issues", "has_downloads"), True),
            **dict.fromkeys(("has_projects", "has_wiki", "has_pages", "has_discussions"), False),
            **dict.fromkeys(("archived", "disabled", "is_template"), False),
            "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
            "created_at": repo.created_at,
            "updated_at": repo.created_at,
            "pushed_at": repo.created_at,
        }

    def label(self, repo: Repo, label: Label) -> View:
        return {
            "id": label.id,
            "node_id": _node("Label", label.id),
            "url": self.url(repo, f"/labels/{label.name}"),
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "default": False,
        }

    def _labels(self, repo: Repo, issue: Issue) -> list[View]:
        return [self.label(repo, repo.labels[name.lower()]) for name in issue.labels]

    def issue(self, repo: Repo, issue: Issue) -> View:
        url = self.url(repo, f"/issues/{issue.number}")
        view: View = {
            "id": issue.id,
            "node_id": _node("Issue", issue.id),
            "url": url,
            "repository_url": self.url(repo),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": self.page(repo, f"/{'issues' if issue.pull is None else 'pull'}/{issue.number}"),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.user),
            "labels": self._labels(repo, issue),
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": False,
            "active_lock_reason": None,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "closed_by": self._maybe(issue.closed_by),
            "author_association": "COLLABORATOR",
        }
        if issue.pull is not None:
            links = self._pull_pages(repo, issue)
            view["pull_request"] = links | {"url": self.url(repo, f"/pulls/{issue.number}")}
        return view

    def _pull_pages(self, repo: Repo, issue: Issue) -> View:
        page = self.page(repo, f"/pull/{issue.number}")
        return {"html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}

    def pull(self, repo: Repo, issue: Issue, pull: Pull) -> View:
        """As lists show it; `whole_pull` adds what only the single view has."""
        url = self.url(repo, f"/pulls/{issue.number}")
        discussion = self.url(repo, f"/issues/{issue.number}")
        links = {
            "self": url,
            "html": self.page(repo, f"/pull/{issue.number}"),
            "issue": discussion,
            "comments": f"{discussion}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": self.url(repo, "/pulls/comments{/number}"),
            "commits": f"{url}/commits",
            "statuses": self.url(repo, f"/statuses/{pull.head_sha}"),
        }
        return {
            "id": issue.id,
            "node_id": _node("PullRequest", issue.id),
            "url": url,
            **self._pull_pages(repo, issue),
            "issue_url": links["issue"],
            "comments_url": links["comments"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "commits_url": links["commits"],
            "statuses_url": links["statuses"],
            "number": issue.number,
            "state": issue.state,
            "locked": False,
            "active_lock_reason": None,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.user),
            "labels": self._labels(repo, issue),
            "milestone": None,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "draft": pull.draft,
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "merged_at": pull.merged_at,
            "merge_commit_sha": pull.merge_sha,
            "author_association": "COLLABORATOR",
            "auto_merge": None,
            "head": self._side(repo, pull.head, pull.head_sha),
            "base": self._side(repo, pull.base, pull.base_sha),
            "_links": {name: {"href": href} for name, href in links.items()},
        }

    def _side(self, repo: Repo, branch: str, sha: str) -> View:
        label = f"{repo.owner.login}:{branch}"
        return {"label": label, "ref": branch, "sha": sha, "user": self.user(repo.owner), "repo": self.repo(repo)}

    def whole_pull(self, repo: Repo, issue: Issue, pull: Pull) -> View:
        merged = pull.merged_at is not None
        mergeable = None if issue.state == "closed" else repo.git.mergeable(pull.base_sha, pull.head_sha)
        base = repo.git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
        changes = repo.git.changes(base, pull.head_sha)
        return {
            **self.pull(repo, issue, pull),
            "merged": merged,
            "merged_by": self._maybe(pull.merged_by),
            "mergeable": mergeable,
            "rebaseable": mergeable,
            "mergeable_state": {None: "unknown", True: "clean", False: "dirty"}[mergeable],
            "maintainer_can_modify": False,
            "comments": len(issue.comments),
            "review_comments": 0,
            "commits": repo.git.count(f"{base}..{pull.head_sha}"),
            "additions": sum(change.additions for change in changes),
            "deletions": sum(change.deletions for change in changes),
            "changed_files": len(changes),
        }

    def comment(self, repo: Repo, issue: Issue, comment: Comment) -> View:
        page = "issues" if issue.pull is None else "pull"
        return {
            "id": comment.id,
            "node_id": _node("IssueComment", comment.id),
            "url": self.url(repo, f"/issues/comments/{comment.id}"),
            "html_url": self.page(repo, f"/{page}/{issue.number}#issuecomment-{comment.id}"),
            "issue_url": self.url(repo, f"/issues/{issue.number}"),
            "user": self.user(comment.user),
            "body": comment.body,
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "author_association": "COLLABORATOR",
        }

    # -- git --------------------------------------------------------------------------------------------------

    def ref(self, repo: Repo, ref: str, sha: str) -> View:
        kind = repo.git.kind(sha) or "commit"
        return {
            "ref": ref,
            "node_id": _node("Ref", ref),
            "url": self.url(repo, f"/git/{ref}"),
            "object": {"type": kind, "sha": sha, "url": self.url(repo, f"/git/{kind}s/{sha}")},
        }

    def branch(self, repo: Repo, name: str, sha: str, *, whole: bool = False) -> View:
        url = self.url(repo, f"/branches/{name}")
        if not whole:
            short = {"sha": sha, "url": self.url(repo, f"/commits/{sha}")}
            return {"name": name, "commit": short, "protected": False}
        return {
            "name": name,
            "commit": self.commit(repo, repo.git.commit(sha)),
            "_links": {"self": url, "html": self.page(repo, f"/tree/{name}")},
            "protected": False,
            "protection": {"enabled": False},
            "protection_url": f"{url}/protection",
        }

    def _parents(self, repo: Repo, commit: GitCommit, where: str) -> list[View]:
        return [
            {"sha": sha, "url": self.url(repo, f"{where}/{sha}"), "html_url": self.page(repo, f"/commit/{sha}")}
            for sha in commit.parents
        ]

    def git_commit(self, repo: Repo, commit: GitCommit) -> View:
        return {
            "sha": commit.sha,
            "node_id": _node("Commit", commit.sha),
            "url": self.url(repo, f"/git/commits/{commit.sha}"),
            "html_url": self.page(repo, f"/commit/{commit.sha}"),
            **self._commit_facts(repo, commit),
            "parents": self._parents(repo, commit, "/git/commits"),
        }

    def _commit_facts(self, repo: Repo, commit: GitCommit) -> View:
        people = {"author": commit.author, "committer": commit.committer}
        return {
            **{role: dict(zip(("name", "email", "date"), facts, strict=True)) for role, facts in people.items()},
            "tree": {"sha": commit.tree, "url": self.url(repo, f"/git/trees/{commit.tree}")},
            "message": commit.message,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def commit(self, repo: Repo, commit: GitCommit) -> View:
        url = self.url(repo, f"/commits/{commit.sha}")
        inner_url = self.url(repo, f"/git/commits/{commit.sha}")
        return {
            "sha": commit.sha,
            "node_id": _node("Commit", commit.sha),
            "url": url,
            "html_url": self.page(repo, f"/commit/{commit.sha}"),
            "comments_url": f"{url}/comments",
            "commit": {**self._commit_facts(repo, commit), "url": inner_url, "comment_count": 0},
            "author": None,
            "committer": None,
            "parents": self._parents(repo, commit, "/commits"),
        }

    def change(self, repo: Repo, head: str, change: GitChange) -> View:
        return {
            "sha": change.sha,
            "filename": change.path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": self.page(repo, f"/blob/{head}/{change.path}"),
            "raw_url": self.page(repo, f"/raw/{head}/{change.path}"),
            "contents_url": self.url(repo, f"/contents/{change.path}?ref={head}"),
            **({"patch": change.patch} if change.patch else {}),
        }

    def tree(self, repo: Repo, sha: str, entries: list[GitEntry]) -> View:
        shown: list[View] = []
        for entry in entries:
            view: View = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
            if entry.type != "commit":
                view["url"] = self.url(repo, f"/git/{entry.type}s/{entry.sha}")
            if entry.size is not None:
                view["size"] = entry.size
            shown.append(view)
        return {"sha": sha, "url": self.url(repo, f"/git/trees/{sha}"), "tree": shown, "truncated": False}

    def blob(self, repo: Repo, sha: str, content: bytes) -> View:
        return {
            "sha": sha,
            "node_id": _node("Blob", sha),
            "url": self.url(repo, f"/git/blobs/{sha}"),
            "size": len(content),
            "content": base64.encodebytes(content).decode(),
            "encoding": "base64",
        }

    def content(self, repo: Repo, ref: str, path: str, kind: str, sha: str, content: bytes | None, size: int) -> View:
        """A file (with `content`) or an entry of a folder's listing (without)."""
        url = self.url(repo, f"/contents/{path}?ref={ref}")
        git_url = self.url(repo, f"/git/{kind}s/{sha}")
        page = self.page(repo, f"/{kind}/{ref}/{path}")
        view: View = {
            "type": _MODES[kind],
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha,
            "size": size,
            "url": url,
            "git_url": git_url,
            "html_url": page,
            "download_url": self.page(repo, f"/raw/{ref}/{path}") if kind == "blob" else None,
            "_links": {"self": url, "git": git_url, "html": page},
        }
        if content is not None:
            view |= {"content": base64.encodebytes(content).decode(), "encoding": "base64"}
        return view

    # -- checks -----------------------------------------------------------------------------------------------

    def status(self, repo: Repo, status: Status) -> View:
        return {
            "id": status.id,
            "node_id": _node("Status", status.id),
            "url": self.url(repo, f"/statuses/{status.sha}"),
            "avatar_url": f"{self.web}/{status.creator.login}.png",
            "state": status.state,
            "context": status.context,
            "description": status.description,
            "target_url": status.target_url,
            "creator": self.user(status.creator),
            "created_at": status.created_at,
            "updated_at": status.created_at,
        }

    def check(self, repo: Repo, check: Check) -> View:
        url = self.url(repo, f"/check-runs/{check.id}")
        return {
            "id": check.id,
            "node_id": _node("CheckRun", check.id),
            "head_sha": check.head_sha,
            "external_id": check.external_id,
            "url": url,
            "html_url": self.page(repo, f"/runs/{check.id}"),
            "details_url": check.details_url,
            "name": check.name,
            "status": check.status,
            "conclusion": check.conclusion,
            "started_at": check.started_at,
            "completed_at": check.completed_at,
            "output": {
                "title": check.title,
                "summary": check.summary,
                "text": check.text,
                "annotations_count": check.annotations,
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": {"id": repo.id},
            "app": None,
            "pull_requests": [],
        }
