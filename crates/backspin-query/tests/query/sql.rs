//! The SQL of typical rules and filters.

use expect_test::{Expect, expect};

use backspin_query::Reach;

use crate::blog::{As, Blog, Case};

fn check(case: Case<'_>, expected: Expect) {
    let blog = Blog::new();
    let (sql, values) = blog.statement(&case).expect("a statement");
    blog.database.prepare(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let sql = sql.strip_prefix("SELECT r.id FROM \"posts\" AS r WHERE ").unwrap_or(&sql).to_owned();
    expected.assert_eq(&format!("{sql}\n{values:?}"));
}

fn rule(rule: &str, expected: Expect) {
    check(Case { rule: Some(rule), by: As::User("u1"), ..Case::default() }, expected);
}

fn filter(filter: &str, expected: Expect) {
    check(Case { filter: Some(filter), by: As::Guest, ..Case::default() }, expected);
}

#[test]
fn what_is_known_of_the_caller_is_folded() {
    rule(
        "@request.auth.id != '' && owner = @request.auth.id",
        expect![[r#"
        "r"."owner" = ?1
        [Text("u1")]"#]],
    );
    rule(
        "@request.auth.id = '' || owner = @request.auth.id",
        expect![[r#"
        "r"."owner" = ?1
        [Text("u1")]"#]],
    );
    check(
        Case { rule: Some("@request.auth.id != '' && owner.name ?= 'x'"), by: As::Guest, ..Case::default() },
        expect![[r#"
            0
            []"#]],
    );
}

#[test]
fn columns_are_compared_bare() {
    filter(
        "title = 'a' && n > 2 && owner != ''",
        expect![[r#"
        "r"."title" = ?1 AND "r"."n" > ?2 AND "r"."owner" <> ''
        [Text("a"), Real(2.0)]"#]],
    );
    filter(
        "title ~ 'a' || title = null",
        expect![[r#"
        ("r"."title" LIKE ?1 ESCAPE '\' OR "r"."title" = '')
        [Text("%a%")]"#]],
    );
    filter(
        "meta.a.0 = 1",
        expect![[r#"
        (CASE WHEN json_valid("r"."meta") THEN json_extract("r"."meta", ?1) END) IS ?2
        [Text("$.a[0]"), Real(1.0)]"#]],
    );
    filter(
        "title = owner && n = flag && n != title",
        expect![[r#"
        "r"."title" = "r"."owner" AND "r"."n" = "r"."flag" AND COALESCE("r"."n", '') IS NOT COALESCE("r"."title", '')
        []"#]],
    );
}

#[test]
fn relations_become_memberships() {
    rule(
        "org.owner = @request.auth.id",
        expect![[r#"
        "r"."org" IN (SELECT j0."id" FROM "orgs" AS j0 WHERE j0."owner" = ?1)
        [Text("u1")]"#]],
    );
    rule(
        "org.owner.name = 'Ann' && org.name = 'One'",
        expect![[r#"
        "r"."org" IN (SELECT j0."id" FROM "orgs" AS j0 JOIN "users" AS j1 ON j1."id" = j0."owner" WHERE j1."name" = ?1 AND j0."name" = ?2)
        [Text("Ann"), Text("One")]"#]],
    );
    rule(
        "org.members.id ?= @request.auth.id",
        expect![[r#"
        "r"."org" IN (SELECT j0."id" FROM "orgs" AS j0 JOIN json_each(CASE WHEN json_valid(j0."members") AND json_type(j0."members") = 'array' THEN j0."members" ELSE json_array(j0."members") END) AS j1 JOIN "users" AS j2 ON j2."id" = j1."value" WHERE j2."id" = ?1)
        [Text("u1")]"#]],
    );
    rule(
        "comments_via_post.author ?= @request.auth.id",
        expect![[r#"
        EXISTS (SELECT 1 FROM "comments" AS j0 WHERE j0."post" = "r"."id" AND j0."author" = ?1)
        [Text("u1")]"#]],
    );
    rule(
        "likes_via_posts.by ?= @request.auth.id",
        expect![[r#"
        "r"."id" IN (SELECT e0."value" FROM "likes" AS j0 JOIN json_each(CASE WHEN json_valid(j0."posts") AND json_type(j0."posts") = 'array' THEN j0."posts" ELSE json_array(j0."posts") END) AS e0 WHERE j0."by" = ?1)
        [Text("u1")]"#]],
    );
    rule(
        "@collection.orgs.id ?= org && @collection.orgs.owner ?= @request.auth.id",
        expect![[r#"
        "r"."org" IN (SELECT j0."id" FROM "orgs" AS j0 WHERE j0."owner" = ?1)
        [Text("u1")]"#]],
    );
    rule(
        "@request.auth.orgs_via_members.id ?= org",
        expect![[r#"
            ("r"."org" IN (SELECT j1."id" FROM "users" AS j0 JOIN "orgs" AS j1 ON j0."id" IN (SELECT "value" FROM json_each(CASE WHEN json_valid(j1."members") AND json_type(j1."members") = 'array' THEN j1."members" ELSE json_array(j1."members") END)) WHERE j0."id" = ?1) OR ("r"."org" = '' AND EXISTS (SELECT 1 FROM (SELECT 1) LEFT JOIN "users" AS j0 ON j0."id" = ?1 LEFT JOIN "orgs" AS j1 ON j0."id" IN (SELECT "value" FROM json_each(CASE WHEN json_valid(j1."members") AND json_type(j1."members") = 'array' THEN j1."members" ELSE json_array(j1."members") END)) WHERE (j1."id" = '' OR j1."id" IS NULL))))
            [Text("u1")]"#]],
    );
}

#[test]
fn one_record_is_looked_up_by_keys() {
    let view = |rule| Case { rule: Some(rule), by: As::User("u1"), reach: Reach::One, ..Case::default() };
    check(
        view("org.owner = @request.auth.id"),
        expect![[r#"
        EXISTS (SELECT 1 FROM "orgs" AS j0 WHERE j0."id" = "r"."org" AND j0."owner" = ?1)
        [Text("u1")]"#]],
    );
    check(
        view("@collection.orgs.id ?= org && @collection.orgs.owner ?= @request.auth.id"),
        expect![[r#"
        EXISTS (SELECT 1 FROM "orgs" AS j0 WHERE j0."id" = "r"."org" AND j0."owner" = ?1)
        [Text("u1")]"#]],
    );
}

#[test]
fn all_must_match_is_that_none_differs() {
    filter(
        "tags.name = 'a'",
        expect![[r#"
        NOT EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid("r"."tags") AND json_type("r"."tags") = 'array' THEN "r"."tags" ELSE json_array("r"."tags") END) AS m0 JOIN "tags" AS m1 ON m1."id" = m0."value" WHERE NOT (m1."name" = ?1)) AND EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid("r"."tags") AND json_type("r"."tags") = 'array' THEN "r"."tags" ELSE json_array("r"."tags") END) AS j0 JOIN "tags" AS j1 ON j1."id" = j0."value" WHERE j1."name" = ?1)
        [Text("a")]"#]],
    );
    filter(
        "tags.name != 'a'",
        expect![[r#"
        NOT EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid("r"."tags") AND json_type("r"."tags") = 'array' THEN "r"."tags" ELSE json_array("r"."tags") END) AS m0 JOIN "tags" AS m1 ON m1."id" = m0."value" WHERE NOT (m1."name" IS NOT ?1))
        [Text("a")]"#]],
    );
    filter(
        "comments_via_post.n > 1",
        expect![[r#"
        NOT EXISTS (SELECT 1 FROM "comments" AS m0 WHERE m0."post" = "r"."id" AND NOT (m0."n" > ?1)) AND EXISTS (SELECT 1 FROM "comments" AS j0 WHERE j0."post" = "r"."id" AND j0."n" > ?1)
        [Real(1.0)]"#]],
    );
}

#[test]
fn any_of_the_same_path_is_one_row() {
    filter(
        "comments_via_post.n ?> 1 && comments_via_post.text ?= 'x'",
        expect![[r#"
        EXISTS (SELECT 1 FROM "comments" AS j0 WHERE j0."post" = "r"."id" AND j0."n" > ?1 AND j0."text" = ?2)
        [Real(1.0), Text("x")]"#]],
    );
    filter(
        "comments_via_post.n ?> 1 || comments_via_post.text ?= 'x'",
        expect![[r#"
        EXISTS (SELECT 1 FROM "comments" AS j0 WHERE j0."post" = "r"."id" AND (j0."n" > ?1 OR j0."text" = ?2))
        [Real(1.0), Text("x")]"#]],
    );
    filter(
        "comments_via_post.n ?> 1 && tags.name ?= 'x'",
        expect![[r#"
        EXISTS (SELECT 1 FROM "comments" AS j0 WHERE j0."post" = "r"."id" AND j0."n" > ?1) AND EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid("r"."tags") AND json_type("r"."tags") = 'array' THEN "r"."tags" ELSE json_array("r"."tags") END) AS j1 JOIN "tags" AS j2 ON j2."id" = j1."value" WHERE j2."name" = ?2)
        [Real(1.0), Text("x")]"#]],
    );
}

#[test]
fn orders_are_columns_or_lookups() {
    check(
        Case { sort: Some("-day,owner.name,@rowid"), ..Case::default() },
        expect![[r#"
        1 ORDER BY "r"."day" DESC, (SELECT j0."name" FROM "users" AS j0 WHERE j0."id" = "r"."owner" LIMIT 1) ASC, "r"."_rowid_" ASC
        []"#]],
    );
}
