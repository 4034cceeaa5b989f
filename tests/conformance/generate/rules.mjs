// Rules of many kinds, for the collection of suite 70.

/** The collection that is given each rule in turn. */
export const RULED = {
    id: "gen_ruled000000",
    name: "gen_ruled",
    fields: [
        { type: "text", name: "title" },
        { type: "number", name: "level" },
        { type: "bool", name: "shared" },
        { type: "select", name: "status", maxSelect: 1, values: ["draft", "open", "closed"] },
        { type: "select", name: "tags", maxSelect: 3, values: ["red", "green", "blue"] },
        { type: "json", name: "meta" },
        { type: "text", name: "hidden_note", hidden: true },
        { type: "date", name: "until" },
        { type: "relation", name: "owner", collectionId: "gen_members0000", maxSelect: 1 },
        { type: "relation", name: "members", collectionId: "gen_members0000", maxSelect: 5 },
        { type: "relation", name: "team", collectionId: "gen_teams000000", maxSelect: 1 },
        { type: "relation", name: "teams", collectionId: "gen_teams000000", maxSelect: 4 },
    ],
};

export const RULES = [
    "", "id != ''", "id = ''", "shared = true", "@request.auth.id != ''", "@request.auth.id = ''", "owner = @request.auth.id", "owner.id = @request.auth.id", "owner != @request.auth.id", "owner = '' || owner = @request.auth.id",
    "members.id ?= @request.auth.id", "members ?= @request.auth.id", "members = @request.auth.id", "members ~ @request.auth.id", "members.id = @request.auth.id", "members:each = @request.auth.id", "members:each ?= @request.auth.id", "members:length > 1", "members:length = 0",
    "team.members.id ?= @request.auth.id", "team.lead = @request.auth.id", "team.public = true && team.lead.boss != ''", "teams.members.id ?= @request.auth.id", "teams.public = true", "teams.public ?= true", "teams.lead.rank ?> 5", "teams.members.rank > 0", "owner.boss.boss = ''",
    "owner.gen_teams_via_lead.public ?= true", "owner.gen_teams_via_members.id ?= team", "team.gen_projects_via_team.kind ?= 'fun'", "@request.auth.boss.id = owner", "@request.auth.gen_teams_via_members.id ?= team", "@request.auth.gen_teams_via_members.id ?= teams.id",
    "@request.auth.roles ~ 'admin'", "@request.auth.roles:each ?= 'admin'", "@request.auth.roles:length > 1", "@request.auth.rank > level", "@request.auth.verified = true", "@request.auth.email ~ '%1@%'", "@request.auth.collectionName = 'gen_members'", "@request.auth.nothing != ''", "@request.auth.phone != ''",
    "@request.auth.created < @now", "status = 'open'", "status != 'closed'", "tags ~ 'red'", "tags:each = 'red'", "tags:each ?= 'red'", "tags:length >= 2", "tags:each ?~ 'e' && tags:each != 'blue'", "tags = ''", "meta.public = true", "meta.list:length > 0", "meta.list ~ 'a'", "hidden_note = 'x'",
    "title:lower = 'alpha'", "until > @now", "until = '' || until <= @now", "strftime('%Y', until) = '2030'", "geoDistance(team.place.lon, team.place.lat, 13.4, 52.5) < 1000",
    "@collection.gen_teams.members.id ?= @request.auth.id", "@collection.gen_vault.member ?= @request.auth.id", "@collection.gen_vault.member ?= @request.auth.id && @collection.gen_vault.amount ?> 5", "@collection.gen_teams:t.lead ?= @request.auth.id && @collection.gen_teams:t.id ?= team", "@collection.gen_ruled.owner ?= @request.auth.id",
    "@request.query.colour = 'red'", "@request.query.colour:isset = true", "@request.query.nothing:isset = false", "@request.headers.x_shade = 'dark'", "@request.method = 'GET' || @request.method = 'POST'", "@request.context = 'default'",
    "@request.body.title:isset = false", "@request.body.title:isset = true", "@request.body.title != ''", "@request.body.owner = @request.auth.id", "@request.body.owner:isset = false || @request.body.owner = @request.auth.id", "@request.body.owner:changed = false", "@request.body.level:changed = true",
    "@request.body.level > level", "@request.body.level >= 3", "@request.body.tags:length < 3", "@request.body.tags:each ?= 'red'", "@request.body.tags:each = 'red'", "@request.body.members:length <= 2", "@request.body.members.id ?= @request.auth.id", "@request.body.team.lead = @request.auth.id", "@request.body.teams.public ?= true",
    "@request.body.owner.rank > 5", "@request.body.meta.a = 1", "@request.body.nothing:isset = false", "@request.body.nothing = null", "@request.body.shared = true", "@request.body.shared = false", "@request.body.status != status", "@request.body.title:lower = 'alpha'", "@request.body.hidden_note:isset = false",
    "(owner = @request.auth.id && shared = true) || (members.id ?= @request.auth.id && (status = 'open' || level > 5))", "owner = @request.auth.id || @request.auth.roles:each ?= 'admin' || (shared = true && @request.method = 'GET')",
    "gen_ruled_via_owner.id ?= id", "@request.auth.id ?= members.id", "'a' = 'a'", "1 > 2", "null = owner", "true = shared",
];

/** Rules that a collection must not be given. */
export const WRONG_RULES = [
    "owner = ", "nothing = 1", "owner.nothing = 1", "@request.nothing = 1", "@request.auth.id", "@collection.nothing.id = ''", "@collection.gen_teams.nothing = ''", "title:nothing = 1", "@nothing = 1", "(owner = 1", "gen_nothing_via_owner.id = ''", "title = 'a' and title = 'b'",
    "owner.password != ''", "owner.tokenKey != ''", "members.phone = ''", "x".repeat(6000), `title = '${"x".repeat(5000)}'`, " ", "//", "geoDistance(1) > 2", "@request.body.title.nothing = 1", "@request.body.owner.nothing = 1", "@request.auth.boss.nothing = 1", "title:changed = true", "title:isset = true",
    "@request.body.title:changed:isset = true", "@request.query.a.b = 1", "@request.query = 1", "@request.headers.a-b = 1", "meta:each = 1", "team.gen_projects_via_team = ''", "@collection.gen_teams:a.id = @collection.gen_teams:b.id",
];
