//! Which indexes the statements use, as `EXPLAIN QUERY PLAN` tells.

use backspin_core::{Database, Value};
use backspin_schema::Caller;
use expect_test::{Expect, expect};
use futures::executor::block_on;

use crate::blog::{Ask, blog, user};
use crate::{Backend, superuser};

/// The plan of the last statement, without the look at the schema's version.
fn check(blog: &Backend, expected: Expect) {
    let sql = blog.app.database().take().pop().unwrap();
    let numbers = sql.split('?').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse::<usize>().unwrap()
    });
    let parameters = vec![Value::Null; numbers.max().unwrap()];
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let plan = block_on(blog.app.database().query(&explain, parameters)).unwrap();
    let lines: Vec<String> = plan.rows.into_iter().map(|row| text(&row[3])).collect();
    let version = |line: &String| line.contains("_backspin");
    let lines: Vec<String> = lines.into_iter().filter(|line| !version(line)).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_record_is_found_by_its_id() {
    let blog = blog();
    blog.ask_view(&Caller::Guest, ("posts", "p1"), Ask::default()).unwrap();
    check(
        &blog,
        expect![[r#"
        SCAN CONSTANT ROW
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 2
        SEARCH record USING INDEX sqlite_autoindex_posts_1 (id=?)"#]],
    );
}

#[test]
fn an_index_serves_the_order() {
    let blog = blog();
    blog.ask_list(&Caller::Guest, "posts", Ask { sort: "-title", ..Ask::default() }).unwrap();
    check(
        &blog,
        expect![[r#"
        CO-ROUTINE total
        SCAN posts USING COVERING INDEX idx_posts_title
        SCAN total
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 4
        CO-ROUTINE page
        SCAN record USING COVERING INDEX idx_posts_title
        SCAN page
        SEARCH record USING INTEGER PRIMARY KEY (rowid=?)"#]],
    );
    blog.ask_list(&Caller::Guest, "posts", Ask::default()).unwrap();
    check(
        &blog,
        expect![[r#"
        CO-ROUTINE total
        SCAN posts USING COVERING INDEX idx_posts_title
        SCAN total
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 4
        CO-ROUTINE page
        SCAN record
        SCAN page
        SEARCH record USING INTEGER PRIMARY KEY (rowid=?)"#]],
    );
}

#[test]
fn an_index_serves_the_rule_of_an_owner() {
    let blog = blog();
    blog.set_collection("posts", "listRule = 'owner = @request.auth.id'");
    blog.ask_list(&user("u1"), "posts", Ask::default()).unwrap();
    check(
        &blog,
        expect![[r#"
        CO-ROUTINE total
        SEARCH record USING COVERING INDEX idx_posts_owner (owner=?)
        SCAN total
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 4
        CO-ROUTINE page
        SEARCH record USING COVERING INDEX idx_posts_owner (owner=?)
        SCAN page
        SEARCH record USING INTEGER PRIMARY KEY (rowid=?)"#]],
    );
}

#[test]
fn a_nested_rule_chooses_the_related_records_once() {
    let blog = blog();
    blog.set_collection("posts", "listRule = 'owner.name = @request.auth.collectionName'");
    blog.ask_list(&user("u1"), "posts", Ask { sort: "-n", ..Ask::default() }).unwrap();
    check(
        &blog,
        expect![[r#"
        CO-ROUTINE total
        MATERIALIZE @found
        SEARCH record USING INDEX idx_posts_owner (owner=?)
        LIST SUBQUERY 1
        SCAN j0
        SCAN @found
        SCAN total
        SCALAR SUBQUERY 3
        SCALAR SUBQUERY 6
        CO-ROUTINE page
        SCAN @found
        USE TEMP B-TREE FOR ORDER BY
        SCAN page
        SEARCH record USING INTEGER PRIMARY KEY (rowid=?)"#]],
    );
}

#[test]
fn what_is_expanded_is_found_by_its_keys() {
    let blog = blog();
    let ask = Ask { expand: "owner,tags,comments_via_post.author", ..Ask::default() };
    blog.ask_list(&superuser(), "posts", ask).unwrap();
    check(
        &blog,
        expect![[r#"
        CO-ROUTINE total
        SCAN posts USING COVERING INDEX idx_posts_title
        SCAN total
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 10
        CO-ROUTINE page
        SCAN record
        SCAN page
        SEARCH record USING INTEGER PRIMARY KEY (rowid=?)
        CORRELATED SCALAR SUBQUERY 4
        CO-ROUTINE (subquery-3)
        SEARCH x1 USING INDEX idx_comments_post (post=?)
        CORRELATED SCALAR SUBQUERY 2
        SEARCH x2 USING INDEX sqlite_autoindex_users_1 (id=?)
        SCAN (subquery-3)
        CORRELATED SCALAR SUBQUERY 5
        SEARCH x3 USING INDEX sqlite_autoindex_users_1 (id=?)
        CORRELATED SCALAR SUBQUERY 7
        SCAN x4i VIRTUAL TABLE INDEX 1:
        SEARCH x4 USING INDEX sqlite_autoindex_tags_1 (id=?)"#]],
    );
    blog.ask_view(&Caller::Guest, ("posts", "p1"), Ask { expand: "owner", ..Ask::default() }).unwrap();
    check(
        &blog,
        expect![[r#"
        SCAN CONSTANT ROW
        SCALAR SUBQUERY 1
        SCALAR SUBQUERY 3
        SEARCH record USING INDEX sqlite_autoindex_posts_1 (id=?)
        CORRELATED SCALAR SUBQUERY 2
        SEARCH x1 USING INDEX sqlite_autoindex_users_1 (id=?)"#]],
    );
}
