// Random expands: relations and back-relations up to seven steps deep, and names that are no relation.

/** By collection: what can be expanded, and the collection it leads to. */
export const RELATIONS = {
    gen_members: { boss: "gen_members", gen_members_via_boss: "gen_members", gen_teams_via_lead: "gen_teams", gen_teams_via_members: "gen_teams", gen_tasks_via_owner: "gen_tasks", gen_vault_via_member: "gen_vault", gen_comments_via_likes: "gen_comments" },
    gen_teams: { lead: "gen_members", members: "gen_members", gen_projects_via_team: "gen_projects", gen_vault_via_team: "gen_vault" },
    gen_projects: { team: "gen_teams", parent: "gen_projects", gen_projects_via_parent: "gen_projects", gen_tasks_via_project: "gen_tasks" },
    gen_tasks: { project: "gen_projects", owner: "gen_members", assignees: "gen_members", blocked_by: "gen_tasks", gen_tasks_via_blocked_by: "gen_tasks", gen_comments_via_task: "gen_comments" },
    gen_comments: { task: "gen_tasks", author: "gen_members", reply_to: "gen_comments", likes: "gen_members", gen_comments_via_reply_to: "gen_comments" },
    gen_vault: { member: "gen_members", team: "gen_teams" },
    gen_totals: { team: "gen_teams" },
};
const ODD = ["nothing", "title", "", "*", "owner.", ".owner", "gen_tasks_via_nothing", "nothing_via_owner", "gen_tasks(owner)", "@request.auth", "id", "owner.password", "OWNER", "created", "expand"];

/** One to three paths from `collection`. */
export function expand(draw, collection) {
    const paths = draw.many(draw.between(1, 3), () => (draw.chance(0.07) ? draw.pick(ODD) : path(draw, collection)));
    return paths.join(draw.chance(0.1) ? ", " : ",");
}

function path(draw, collection) {
    const steps = [];
    // Back-relations multiply; two in a path are enough.
    let back = 0;
    const length = draw.weighted([[6, 1], [4, 2], [2, 3], [1, 5], [0.5, 6], [0.5, 7]]);
    while (steps.length < length) {
        const names = Object.keys(RELATIONS[collection]).filter((name) => back < 2 || !name.includes("_via_"));
        const name = draw.pick(names);
        back += name.includes("_via_") ? 1 : 0;
        steps.push(name);
        collection = RELATIONS[collection][name];
    }
    if (draw.chance(0.05)) steps.push(draw.pick(ODD));
    return steps.join(".");
}
