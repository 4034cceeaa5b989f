//! Which indexes the SQL can use, as `EXPLAIN QUERY PLAN` tells.

use expect_test::{Expect, expect};

use backspin_query::Reach;

use crate::blog::{As, Blog, Case};

fn check(case: Case<'_>, expected: Expect) {
    let blog = Blog::new();
    let (sql, values) = blog.statement(&case).expect("a statement");
    let mut statement = blog.database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
    let values = rusqlite::params_from_iter(values.into_iter().map(crate::blog::to_sql));
    let lines = statement.query_map(values, |row| row.get::<_, String>(3)).expect("a plan");
    let lines: Vec<String> = lines.collect::<rusqlite::Result<_>>().expect("a plan");
    expected.assert_eq(&lines.join("\n"));
}

fn rule(rule: &str) -> Case<'_> {
    Case { rule: Some(rule), by: As::User("u1"), ..Case::default() }
}

#[test]
fn an_owner_is_found_by_its_index() {
    check(
        rule("@request.auth.id != '' && owner = @request.auth.id"),
        expect!["SEARCH r USING INDEX idx_posts_owner (owner=?)"],
    );
    check(rule("owner = @request.query.owner"), expect!["SEARCH r USING INDEX idx_posts_owner (owner=?)"]);
}

#[test]
fn nested_relations_are_chosen_once() {
    check(
        rule("org.owner = @request.auth.id"),
        expect![[r#"
        SEARCH r USING INDEX idx_posts_org (org=?)
        LIST SUBQUERY 1
        SCAN j0"#]],
    );
    check(
        rule("org.members.id ?= @request.auth.id"),
        expect![[r#"
        SEARCH r USING INDEX idx_posts_org (org=?)
        LIST SUBQUERY 1
        SEARCH j2 USING COVERING INDEX sqlite_autoindex_users_1 (id=?)
        SCAN j0
        SCAN j1 VIRTUAL TABLE INDEX 1:"#]],
    );
    check(
        rule("@request.auth.orgs_via_members.id ?= org"),
        expect![[r#"
            MULTI-INDEX OR
            INDEX 1
            LIST SUBQUERY 2
            SEARCH j0 USING COVERING INDEX sqlite_autoindex_users_1 (id=?)
            SCAN j1
            CORRELATED LIST SUBQUERY 1
            SCAN json_each VIRTUAL TABLE INDEX 1:
            SEARCH r USING INDEX idx_posts_org (org=?)
            INDEX 2
            SCALAR SUBQUERY 5
            CO-ROUTINE (subquery-3)
            SCAN CONSTANT ROW
            SCAN (subquery-3)
            SEARCH j0 USING COVERING INDEX sqlite_autoindex_users_1 (id=?) LEFT-JOIN
            SCAN j1 LEFT-JOIN
            CORRELATED LIST SUBQUERY 4
            SCAN json_each VIRTUAL TABLE INDEX 1:
            SEARCH r USING INDEX idx_posts_org (org=?)"#]],
    );
    check(
        rule("@collection.orgs.id ?= org && @collection.orgs.owner ?= @request.auth.id"),
        expect![[r#"
        SEARCH r USING INDEX idx_posts_org (org=?)
        LIST SUBQUERY 1
        SCAN j0"#]],
    );
}

#[test]
fn one_record_is_checked_by_keys() {
    check(
        Case { reach: Reach::One, ..rule("id = 'p1' && org.owner = @request.auth.id") },
        expect![[r#"
        SEARCH r USING INDEX sqlite_autoindex_posts_1 (id=?)
        SEARCH j0 EXISTS USING INDEX sqlite_autoindex_orgs_1 (id=?)"#]],
    );
    check(
        Case { reach: Reach::One, ..rule("id = 'p1' && comments_via_post.author ?= @request.auth.id") },
        expect![[r#"
            SEARCH j0 EXISTS USING INDEX idx_comments_post (post=?)
            SEARCH r USING COVERING INDEX sqlite_autoindex_posts_1 (id=?)"#]],
    );
}

#[test]
fn an_indexed_order_needs_no_sorting() {
    check(Case { sort: Some("-title"), ..Case::default() }, expect!["SCAN r USING INDEX idx_posts_title"]);
}
