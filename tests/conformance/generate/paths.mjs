// What a filter or a sort on a generated collection can name: paths by the kind of their values.

/** By collection and kind. Paths over relations to many, and `_via_` paths, have many values. */
export const PATHS = {
    gen_members: {
        text: ["name", "email", "id", "boss.name", "gen_teams_via_members.name", "gen_teams_via_lead.name", "phone"],
        number: ["rank", "boss.rank", "roles:length", "gen_comments_via_author.score", "gen_tasks_via_owner.effort"],
        bool: ["verified", "emailVisibility", "gen_teams_via_members.public", "gen_tasks_via_owner.done"],
        date: ["created", "gen_tasks_via_owner.due"],
        json: ["gen_tasks_via_owner.labels", "gen_tasks_via_assignees.labels.a"],
        select: ["roles", "roles:each", "boss.roles"],
        relation: ["boss", "boss.boss", "gen_teams_via_members.lead", "gen_tasks_via_assignees.id"],
    },
    gen_teams: {
        text: ["name", "id", "lead.name", "members.name", "members.boss.name", "gen_projects_via_team.title", "secret", "lead.email"],
        number: ["place.lon", "place.lat", "members.rank", "lead.rank", "members:length", "gen_projects_via_team.budget"],
        bool: ["public", "lead.verified", "members.verified"],
        date: ["created", "gen_projects_via_team.starts"],
        json: ["gen_projects_via_team.meta", "gen_projects_via_team.meta.a"],
        select: ["lead.roles", "members.roles", "members.roles:each", "gen_projects_via_team.tags", "gen_projects_via_team.kind"],
        relation: ["lead", "members", "members.id", "members:each", "members.boss", "gen_projects_via_team.id"],
    },
    gen_projects: {
        text: ["title", "title:lower", "id", "team.name", "team.lead.name", "team.members.name", "parent.title", "docs", "cover"],
        number: ["budget", "tags:length", "docs:length", "team.place.lat", "team.members.rank", "parent.budget", "gen_tasks_via_project.effort"],
        bool: ["team.public", "parent.team.public", "gen_tasks_via_project.done"],
        date: ["starts", "updated", "parent.starts", "gen_tasks_via_project.due"],
        json: ["meta", "meta.a", "meta.a.b", "meta.0", "meta.a.0.b", "meta.n", "parent.meta.a", "meta:length"],
        select: ["kind", "tags", "tags:each", "parent.tags", "parent.kind"],
        relation: ["team", "parent", "team.lead", "team.members.id", "gen_projects_via_parent.id", "gen_tasks_via_project.owner"],
    },
    gen_tasks: {
        text: ["title", "title:lower", "code", "notes", "link", "contact", "owner.name", "assignees.name", "project.title", "project.team.name"],
        number: ["effort", "assignees:length", "owner.rank", "assignees.rank", "project.budget", "blocked_by.effort", "gen_comments_via_task.score"],
        bool: ["done", "blocked_by.done", "project.team.public", "owner.verified"],
        date: ["due", "created", "blocked_by.due", "project.starts"],
        json: ["labels", "labels.a", "labels.a.b", "labels.0", "labels.1", "project.meta.a", "blocked_by.labels.a"],
        select: ["project.kind", "project.tags", "project.tags:each", "assignees.roles", "owner.roles:each"],
        relation: ["project", "owner", "assignees", "assignees.id", "blocked_by", "blocked_by.owner", "gen_comments_via_task.author", "gen_tasks_via_blocked_by.id"],
    },
    gen_comments: {
        text: ["text", "id", "author.name", "task.title", "task.project.title", "reply_to.text", "likes.name", "task.project.team.lead.name"],
        number: ["score", "likes:length", "task.effort", "reply_to.score", "likes.rank", "task.project.budget"],
        bool: ["task.done", "task.project.team.public", "author.verified"],
        date: ["created", "task.due", "task.project.starts"],
        json: ["task.labels", "task.labels.a", "task.project.meta.a"],
        select: ["task.project.kind", "task.project.tags", "author.roles", "likes.roles:each"],
        relation: ["task", "author", "likes", "likes.id", "reply_to", "reply_to.author", "gen_comments_via_reply_to.author", "task.assignees.id"],
    },
    gen_totals: {
        text: ["title", "id", "team.name"],
        number: ["tasks", "effort", "mean", "team.members.rank"],
        bool: ["team.public"],
        date: ["last"],
        json: ["effort", "mean", "last"],
        select: ["tags", "tags:each"],
        relation: ["team", "team.lead", "team.members"],
    },
};

/** Paths that clients may not use, or that are not there. */
export const ODD_PATHS = [
    "nothing", "owner.nothing", "title.x", "password", "tokenKey", "owner.password", "owner.tokenKey", "members.phone", "lead.phone",
    "gen_vault_via_member.label", "gen_vault_via_team.amount", "gen_comments_via_owner.id", "nothing_via_task.id", "gen_tasks_via_project", "owner.",
    ".owner", "owner..name", "title:nothing", "title:each", "done:length", "title:isset", "tags:changed", "effort:lower", "meta..a", "labels.a:lower", "labels:each",
    "@request", "@request.nothing", "@collection", "@collection.nothing.id", "@collection.gen_tasks", "@nothing", "collectionId", "collectionName", "expand", "rowid",
    "@rowid", "_rowid_", "owner.boss.boss.boss.boss.boss.boss.name", "place", "place.alt", "team.place", "created.x", "id.id", "ID", "Title",
];
