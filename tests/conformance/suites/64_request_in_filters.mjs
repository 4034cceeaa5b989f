// Filters that name the request and other collections, which only a superuser may send.

const FILTERS = [
    "@request.auth.id = ''", "@request.auth.id != ''", "@request.auth.email ~ 'example'", "@request.auth.collectionName = '_superusers'", "@request.auth.collectionId != ''", "@request.auth.nothing = ''",
    "@request.auth.tokenKey != ''", "@request.auth.password = ''", "@request.auth.verified = true", "@request.auth.gen_tasks_via_owner.id = ''", "@request.auth.created > '2020'",
    "@request.method = 'GET'", "@request.method = 'get'", "@request.context = 'default'", "@request.context = ''", "@request.query.colour = 'red'", "@request.query.colour != ''", "@request.query.colour:isset = true",
    "@request.query.nothing:isset = false", "@request.query.nothing = ''", "@request.query.nothing = null", "@request.query.number = 5", "@request.query.number > 4", "@request.query.number = '5'", "@request.query.colour ~ 'r'",
    "@request.query.colour:length = 3", "@request.query.colour:each = 'red'", "@request.query.colour:lower = 'red'", "@request.query.filter != ''", "@request.headers.x_shade = 'dark'", "@request.headers.x_shade:isset = true",
    "@request.headers.nothing:isset = true", "@request.headers.authorization != ''", "@request.headers.X_Shade = 'dark'", "@request.body.title = ''", "@request.body.title:isset = true", "@request.body.title:isset = false", "@request.body.title:changed = false",
    "@request.body.owner.name = 'x'", "@request.body.assignees:length = 0", "@request.body.assignees:each != ''", "@request.body.nothing = null", "@request.data.title = ''", "title = @request.query.colour", "effort > @request.query.number",
    "@collection.gen_teams.public = true", "@collection.gen_teams.public ?= true", "@collection.gen_teams.id ?= project.team", "@collection.gen_teams.members.id ?= owner", "@collection.gen_teams.members ?= owner",
    "@collection.gen_teams.members ?~ owner", "@collection.gen_teams:a.public ?= true && @collection.gen_teams:b.public ?= false", "@collection.gen_teams:a.id ?= project.team && @collection.gen_teams:a.public ?= true",
    "@collection.gen_teams.id ?= project.team && @collection.gen_teams.public ?= true", "@collection.gen_vault.member ?= owner", "@collection.gen_vault.member ?= owner && @collection.gen_vault.amount ?> 5", "@collection.gen_tasks.id ?= id",
    "@collection.gen_tasks.owner ?= owner && @collection.gen_tasks.id ?!= id", "@collection.gen_tasks:x.project.team.lead ?= owner", "@collection.gen_totals.tasks ?> effort", "@collection.gen_totals.id ?= project",
    "@collection.gen_teams.gen_projects_via_team.id ?= project", "@collection.gen_projects.tags:each ?= 'red'", "@collection.gen_projects.tags:length ?> 2", "@collection.gen_projects.title:lower ?= title:lower",
    "@collection.gen_projects.meta.a ?= 1", "@collection.gen_projects000.id ?= project", "@collection.GEN_projects.id ?= project", "@collection.gen_members.email ?~ 'example'", "@collection._superusers.email ?!= ''", "@collection.gen_members.password ?= ''",
];

export async function run({ recorder, guest, superuser }) {
    const query = { colour: "red", number: 5 };
    const headers = { "X-Shade": "dark" };
    for (const filter of FILTERS) {
        for (const [who, client] of [["superuser", superuser], ["guest", guest]]) {
            await recorder.step(`${who}: ${filter}`, () =>
                client.collection("gen_tasks").getList(1, 100, { filter, sort: "id", fields: "id", query, headers, ...query }),
            );
        }
    }
}
