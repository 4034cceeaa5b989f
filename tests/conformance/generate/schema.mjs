// The collections that the generated suites work on: every field type, every kind of relation, rules of many kinds.

const field = (type, name, options = {}) => ({ type, name, ...options });
const relation = (name, collectionId, options = {}) => field("relation", name, { collectionId, maxSelect: 1, ...options });
const many = { maxSelect: 9 };
const times = [
    field("autodate", "created", { onCreate: true }),
    field("autodate", "updated", { onCreate: true, onUpdate: true }),
];
const open = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

/** The ids are given, so that a definition can name another one. */
const ID = Object.fromEntries(
    ["members", "teams", "projects", "tasks", "comments", "vault", "totals"].map((name) => [name, `gen_${name}`.padEnd(15, "0")]),
);

/**
 * Definitions in the order in which they can be created. `later` has the fields that refer to the collection itself,
 * which can only be added once it is there.
 */
export const COLLECTIONS = [
    {
        id: ID.members,
        name: "gen_members",
        type: "auth",
        fields: [
            field("text", "name", { max: 60 }),
            field("number", "rank"),
            field("select", "roles", { maxSelect: 3, values: ["admin", "editor", "viewer"] }),
            field("text", "phone", { hidden: true }),
            ...times,
        ],
        later: [relation("boss", ID.members)],
        listRule: "",
        viewRule: "@request.auth.id != ''",
        createRule: "",
        updateRule: "id = @request.auth.id",
        deleteRule: "id = @request.auth.id || @request.auth.roles ~ 'admin'",
        manageRule: "@request.auth.roles:each ?= 'admin'",
    },
    {
        id: ID.teams,
        name: "gen_teams",
        fields: [
            field("text", "name", { required: true, max: 40 }),
            field("bool", "public"),
            relation("lead", ID.members),
            relation("members", ID.members, many),
            field("geoPoint", "place"),
            field("text", "secret", { hidden: true }),
            ...times,
        ],
        ...open,
        listRule: "public = true || members.id ?= @request.auth.id",
        viewRule: "public = true || members.id ?= @request.auth.id || lead = @request.auth.id",
    },
    {
        id: ID.projects,
        name: "gen_projects",
        fields: [
            field("text", "title", { min: 2, max: 50 }),
            field("select", "kind", { maxSelect: 1, values: ["fun", "work", "other"] }),
            field("select", "tags", { maxSelect: 4, values: ["red", "green", "blue", "grün", "a b", "1"] }),
            relation("team", ID.teams),
            field("number", "budget", { min: -1000, max: 1000000 }),
            field("date", "starts"),
            field("json", "meta"),
            field("file", "docs", { maxSelect: 5 }),
            field("file", "cover", { maxSelect: 1 }),
            ...times,
        ],
        later: [relation("parent", ID.projects)],
        indexes: ["CREATE INDEX `idx_gen_projects_budget` ON `gen_projects` (`budget`)"],
        ...open,
        listRule: "team.public = true || team.members.id ?= @request.auth.id",
        viewRule: "team = '' || team.public = true || team.members.id ?= @request.auth.id",
    },
    {
        id: ID.tasks,
        name: "gen_tasks",
        fields: [
            field("text", "title", { pattern: "^[^<>]*$" }),
            field("text", "code", { autogeneratePattern: "T-[a-z0-9]{6}" }),
            field("bool", "done"),
            field("number", "effort", { onlyInt: true, min: 0, max: 100 }),
            field("date", "due", { min: "2000-01-01 00:00:00.000Z", max: "2050-01-01 00:00:00.000Z" }),
            field("json", "labels", { maxSize: 2000 }),
            field("editor", "notes"),
            field("url", "link", { exceptDomains: ["bad.example"] }),
            field("email", "contact", { onlyDomains: ["example.com", "example.org"] }),
            relation("project", ID.projects, { cascadeDelete: true }),
            relation("owner", ID.members),
            relation("assignees", ID.members, many),
            ...times,
        ],
        later: [relation("blocked_by", ID.tasks, many)],
        indexes: ["CREATE UNIQUE INDEX `idx_gen_tasks_code` ON `gen_tasks` (`code`) WHERE `code` != ''"],
        ...open,
        listRule: "owner = @request.auth.id || assignees.id ?= @request.auth.id || done = true",
        updateRule: "owner = @request.auth.id && @request.body.owner:changed = false",
        deleteRule: "owner = @request.auth.id",
    },
    {
        id: ID.comments,
        name: "gen_comments",
        fields: [
            field("text", "text", { required: true }),
            field("number", "score"),
            relation("task", ID.tasks, { required: true, cascadeDelete: true }),
            relation("author", ID.members),
            relation("likes", ID.members, { maxSelect: 5 }),
            ...times,
        ],
        later: [relation("reply_to", ID.comments, { cascadeDelete: true })],
        ...open,
        createRule: "@request.auth.id != '' && author = @request.auth.id",
        updateRule: "author = @request.auth.id",
        deleteRule: "author = @request.auth.id || task.owner = @request.auth.id",
    },
    {
        id: ID.vault,
        name: "gen_vault",
        fields: [
            field("text", "label"),
            relation("member", ID.members, { required: true }),
            relation("team", ID.teams, { ...many, required: true, minSelect: 1 }),
            field("number", "amount"),
        ],
        listRule: null,
        viewRule: null,
        createRule: null,
        updateRule: null,
        deleteRule: null,
    },
    {
        id: ID.totals,
        name: "gen_totals",
        type: "view",
        viewQuery:
            "SELECT p.id, p.title, p.team, p.tags, COUNT(t.id) AS tasks, SUM(t.effort) AS effort, " +
            "CAST(AVG(t.effort) AS REAL) AS mean, MAX(t.due) AS last " +
            "FROM gen_projects p LEFT JOIN gen_tasks t ON t.project = p.id GROUP BY p.id",
        listRule: "",
        viewRule: "team.public = true || @request.auth.id != ''",
    },
];
