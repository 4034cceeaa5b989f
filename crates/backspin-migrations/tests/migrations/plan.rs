//! What is planned for a change: the steps in their order, their grades, their SQL.

use backspin_migrations::{Grade, Plan};
use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, renamed, select};

fn posts(fields: Json) -> Json {
    collection("posts", fields, json!({}))
}

fn check(old: &[Json], new: &[Json], expected: Expect) {
    expected.assert_eq(&outline(&TestDatabase::with(old).plan(new).unwrap()));
}

pub(crate) fn outline(plan: &Plan) -> String {
    let steps =
        plan.steps().iter().map(|step| format!("{:?} {}: {}\n", step.grades, step.target, step.summary));
    let problems = plan
        .problems()
        .iter()
        .map(|problem| format!("! {} {}: {}\n", problem.collection, problem.part, problem.message));
    steps.chain(problems).collect()
}

#[test]
fn equal_schemas_need_no_step() {
    let same = [posts(json!([field("title", "text"), select("tags", 3)]))];
    check(&same, &same, expect![""]);
}

#[test]
fn fields_are_told_apart_by_id() {
    check(
        &[posts(json!([field("title", "text"), field("body", "editor"), field("views", "number")]))],
        &[posts(json!([
            renamed("title", "name", "text"),
            field("views", "number"),
            field("likes", "number")
        ]))],
        expect![[r#"
            [Rewrites, BreaksClients, LosesData] posts.body: Remove the field body from posts with its values
            [BreaksClients] posts.title: Rename the field title to name in posts
            [Safe] posts.likes: Add the number field likes to posts
        "#]],
    );
}

#[test]
fn a_field_goes_and_another_takes_its_name() {
    check(
        &[posts(json!([field("title", "text")]))],
        &[posts(json!([{"id": "other", "name": "title", "type": "number", "required": true}]))],
        expect![[r#"
            [Rewrites, BreaksClients, LosesData] posts.title: Remove the field title from posts with its values
            [BreaksClients] posts.title: Add the number field title to posts
        "#]],
    );
}

#[test]
fn names_are_traded() {
    check(
        &[
            collection("a", json!([field("x", "text"), field("y", "text")]), json!({})),
            collection("b", json!([]), json!({})),
            collection("c", json!([]), json!({})),
        ],
        &[
            collection(
                "b",
                json!([renamed("x", "y", "text"), renamed("y", "x", "text")]),
                json!({"id": "c_a"}),
            ),
            collection("a", json!([]), json!({"id": "c_b"})),
            collection("C", json!([]), json!({"id": "c_c"})),
        ],
        expect![[r#"
            [BreaksClients] a.x,a.y: Rename the field x to y, y to x in a
            [BreaksClients] a,b,c: Rename the collection a to b, b to a, c to C
        "#]],
    );
}

#[test]
fn indexes_stay_through_renames_and_are_made_again_after_conversions() {
    let indexes = |list: Json| json!({ "indexes": list });
    let fields =
        json!([field("title", "text"), select("tags", 1), field("views", "number"), field("old", "text")]);
    check(
        &[collection(
            "posts",
            fields,
            indexes(json!([
                "CREATE INDEX i_title ON posts (title) WHERE title != ''",
                "CREATE INDEX i_tags ON posts (tags)",
                "CREATE UNIQUE INDEX i_views ON posts (views)",
                "CREATE INDEX i_old ON posts (old)",
            ])),
        )],
        &[collection(
            "articles",
            json!([renamed("title", "name", "text"), select("tags", 2), field("views", "number")]),
            json!({"id": "c_posts", "indexes": [
                "CREATE INDEX i_title ON posts (title) WHERE title != ''",
                "CREATE INDEX i_tags ON posts (tags)",
                "CREATE INDEX i_views ON posts (views)",
                "CREATE UNIQUE INDEX i_new ON articles (name)",
            ]}),
        )],
        expect![[r#"
            [Safe] posts: Remove the index i_tags of posts
            [Safe] posts: Remove the index i_views of posts
            [Safe] posts: Remove the index i_old of posts
            [Rewrites, BreaksClients, LosesData] posts.old: Remove the field old from posts with its values
            [BreaksClients] posts.title: Rename the field title to name in posts
            [Rewrites, BreaksClients] posts.tags: Convert the field tags of posts to several values
            [BreaksClients] posts: Rename the collection posts to articles
            [Rewrites] posts: Make the index i_tags of articles
            [Rewrites] posts: Make the index i_views of articles
            [Rewrites, BreaksClients] posts: Make the unique index i_new of articles
            [Safe] posts: Change the field tags of articles
        "#]],
    );
}

#[test]
fn views_make_way_for_what_they_read() {
    let view =
        |name: &str, query: &str| collection(name, json!([]), json!({"type": "view", "viewQuery": query}));
    check(
        &[
            posts(json!([field("title", "text")])),
            collection("tags", json!([]), json!({})),
            view("outer_view", "SELECT id FROM inner_view"),
            view("inner_view", "SELECT id FROM `Posts`"),
            view("other_view", "SELECT id FROM tags"),
            view("gone_view", "SELECT id FROM tags"),
        ],
        &[
            posts(json!([])),
            collection("tags", json!([]), json!({})),
            view("outer_view", "SELECT id FROM inner_view"),
            view("inner_view", "SELECT id FROM `Posts`"),
            view("other_view", "SELECT id FROM tags"),
            view("new_view", "SELECT id FROM outer_view"),
        ],
        expect![[r#"
            [BreaksClients] gone_view: Remove the view gone_view
            [Safe] inner_view: Set the view inner_view aside, for it reads what changes
            [Safe] outer_view: Set the view outer_view aside, for it reads what changes
            [Rewrites, BreaksClients, LosesData] posts.title: Remove the field title from posts with its values
            [Safe] inner_view: Make the view inner_view again
            [Safe] outer_view: Make the view outer_view again
            [Safe] new_view: Make the view new_view
        "#]],
    );
}

#[test]
fn collections_come_and_go() {
    check(
        &[posts(json!([]))],
        &[collection("posts", json!([field("title", "text")]), json!({"id": "c_other"}))],
        expect![[r#"
            [BreaksClients, LosesData] posts: Remove the collection posts and its records
            [Safe] posts: Create the collection posts
        "#]],
    );
}

#[test]
fn tighter_rules_and_options_break_clients_and_looser_ones_are_safe() {
    let with = |title: Json, extra: Json| {
        let mut field = json!({"name": "title", "type": "text", "max": 10});
        for (key, value) in title.as_object().unwrap() {
            field[key] = value.clone();
        }
        collection("posts", json!([field]), extra)
    };
    let base = || with(json!({}), json!({"listRule": "", "viewRule": "title != ''", "updateRule": null}));
    check(
        &[base()],
        &[with(
            json!({"required": true, "max": 5, "min": 2}),
            json!({"listRule": null, "viewRule": "title = 'a'", "updateRule": null}),
        )],
        expect![[r#"
            [BreaksClients] posts: Change listRule, viewRule, the field title of posts; tighter: listRule, viewRule (perhaps, it is another condition), required of title, min of title, max of title
        "#]],
    );
    check(
        &[base()],
        &[with(
            json!({"max": 5000, "presentable": true}),
            json!({"listRule": "", "viewRule": "", "updateRule": "title = 'a'"}),
        )],
        expect![[r#"
            [Safe] posts: Change viewRule, updateRule, the field title of posts
        "#]],
    );
}

#[test]
fn the_fingerprint_is_that_of_the_change() {
    let old = [posts(json!([]))];
    let change = [posts(json!([field("a", "text")]))];
    let database = TestDatabase::with(&old);
    let plan = database.plan(&change).unwrap();
    assert_eq!(plan.fingerprint().unwrap(), database.plan(&change).unwrap().fingerprint().unwrap());
    assert_ne!(plan.fingerprint().unwrap(), database.plan(&old).unwrap().fingerprint().unwrap());
    assert_eq!(plan.fingerprint().unwrap().len(), 64);
    let json: Json = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
    assert_eq!(json["steps"][0]["summary"], "Add the text field a to posts");
    assert_eq!(json["steps"][0]["up"][0], r#"ALTER TABLE "posts" ADD COLUMN "a" TEXT DEFAULT '' NOT NULL"#);
}

#[test]
fn adding_and_renaming_touch_no_row() {
    let database = TestDatabase::with(&[posts(json!([field("title", "text")]))]);
    let plan = database.plan(&[collection(
        "articles",
        json!([renamed("title", "name", "text"), field("place", "geoPoint"), select("tags", 3)]),
        json!({"id": "c_posts"}),
    )]);
    let plan = plan.unwrap();
    assert!(
        plan.steps().iter().all(|step| !step.grades.contains(&Grade::Rewrites) && step.counts.rows.is_none())
    );
    let sql: Vec<&str> = plan.steps().iter().flat_map(|step| step.up.iter().map(String::as_str)).collect();
    expect![[r#"
        ALTER TABLE "posts" RENAME COLUMN "title" TO "name"
        ALTER TABLE "posts" ADD COLUMN "place" JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL
        ALTER TABLE "posts" ADD COLUMN "tags" JSON DEFAULT '[]' NOT NULL
        ALTER TABLE "posts" RENAME TO "articles""#]]
    .assert_eq(&sql.join("\n"));
}
