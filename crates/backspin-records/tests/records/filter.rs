use backspin_schema::Caller;

use crate::blog::{Ask, blog, user};
use crate::superuser;

#[test]
fn a_list_holds_what_the_filter_matches_and_counts_it() {
    let blog = blog();
    for (filter, expected) in [
        ("title = 'Hello'", "p1 of 1"),
        ("n > 1 && title ~ 'z'", "p3 of 1"),
        ("owner.name = 'Bob'", "p2 p3 of 2"),
        ("tags.name ?= 'red' || title = 'Abc'", "p1 p2 of 2"),
        ("tags.name = 'red'", " of 0"),
        ("comments_via_post.author.name ?= 'Cid'", "p2 of 1"),
        ("meta.a.1.b = 'c'", "p1 of 1"),
        ("1 = 1", "p1 p2 p3 of 3"),
        ("'a' = ''", " of 0"),
        ("title = \"'; DROP TABLE posts; --\"", " of 0"),
    ] {
        assert_eq!(blog.ids(&Caller::Guest, "posts", Ask { filter, ..Ask::default() }), expected, "{filter}");
    }
}

#[test]
fn a_filter_is_one_statement_and_one_plan_for_all_its_values() {
    let blog = blog();
    let ids = |filter: &str| blog.ids(&user("u1"), "posts", Ask { filter, ..Ask::default() });
    assert_eq!(ids("owner.name = 'Bob'"), "p2 p3 of 2");
    assert_eq!(ids("owner.name = 'Ann'"), "p1 of 1");
    let statements = blog.app.database().take();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0], statements[1]);
    assert!(!statements[0].contains("Bob"));
}

#[test]
fn sorts_follow_paths() {
    let blog = blog();
    for (sort, expected) in [
        ("-title", "p3 p1 p2 of 3"),
        ("owner.name,-title", "p1 p3 p2 of 3"),
        ("tags.name", "p2 p1 p3 of 3"),
        ("-tags:length,id", "p1 p3 p2 of 3"),
        ("meta.a,-@rowid", "p3 p2 p1 of 3"),
        ("title:lower", "p2 p1 p3 of 3"),
    ] {
        let ask = Ask { sort, ..Ask::default() };
        assert_eq!(blog.ids(&Caller::Guest, "posts", ask), expected, "{sort}");
        let filtered = Ask { filter: "owner.name != 'Nobody'", ..ask };
        assert_eq!(blog.ids(&Caller::Guest, "posts", filtered), expected, "{sort}, filtered");
    }
}

#[test]
fn refusals_say_what_and_where() {
    let blog = blog();
    let refusal = |filter: &str| blog.ids(&Caller::Guest, "posts", Ask { filter, ..Ask::default() });
    assert_eq!(refusal("title = 'a' && nope = 1"), "400 \"posts\" has no field \"nope\". (at 15)");
    assert_eq!(refusal("@request.auth.id = ''"), "403 Only superusers can filter by @request.");
    assert_eq!(refusal("@collection.tags.name ?= ''"), "403 Only superusers can filter by @collection.");
    for filter in [
        "title =",
        "(title = 'a'",
        "title ~~ 1",
        "title = 'a",
        "secret = 's'",
        "lock.name = 'x'",
        " ",
        "&&",
        "title:nope = 1",
        "owner.tokenKey = 'x'",
        "tag.secret = 's'",
        "foo(1) = 1",
        "title = 1e400",
    ] {
        assert!(refusal(filter).starts_with("400 "), "{filter}");
    }
    assert_eq!(blog.superuser_ids("posts", "secret = 's' && lock.name = 'locked'"), "p1 of 1");
    assert_eq!(blog.superuser_ids("posts", "@collection.tags.name ?= 'red' && n = 1"), "p1 of 1");
    assert!(refusal(&"(".repeat(10_000)).starts_with("400 "));
    assert!(refusal(&"title = 1 || ".repeat(250)).starts_with("400 "));
}

#[test]
fn joined_records_are_those_that_may_be_listed() {
    let blog = blog();
    let ids = |caller: &Caller, filter| blog.ids(caller, "posts", Ask { filter, ..Ask::default() });
    assert_eq!(ids(&user("u1"), "drafts.name ?= 'of Ann'"), "p1 of 1");
    assert_eq!(ids(&user("u1"), "drafts.name ?= 'of Bob'"), " of 0");
    assert_eq!(ids(&superuser(), "drafts.name ?= 'of Bob'"), "p1 of 1");
    // Emails that are not shown cannot be found out.
    assert_eq!(ids(&Caller::Guest, "owner.email ~ 'x'"), "p1 of 1");
    assert_eq!(ids(&superuser(), "owner.email ~ 'x'"), "p1 p2 p3 of 3");
}

#[test]
fn a_value_that_some_related_record_does_not_have_is_no_match_of_all() {
    let blog = blog();
    blog.sql(r#"UPDATE posts SET meta = '{"k":1}' WHERE id = 'p1'"#);
    for (filter, expected) in [
        ("posts.meta.k = 1", "l2 of 1"),
        ("posts.meta.k ?= 1", "l1 l2 of 2"),
        ("posts.meta.k != ''", "l1 l2 of 2"),
        ("posts.meta.k != null", "l2 of 1"),
    ] {
        assert_eq!(blog.ids(&Caller::Guest, "likes", Ask { filter, ..Ask::default() }), expected, "{filter}");
    }
}

#[test]
fn inequalities_with_related_records_hold_where_there_is_none() {
    let blog = blog();
    for (filter, expected) in [
        ("tag.name != 'green'", "p2 p3 of 2"),
        ("tag.name != 'red'", "p1 p2 p3 of 3"),
        ("owner.name != 'Bob' && n = 1", "p1 of 1"),
    ] {
        assert_eq!(blog.ids(&Caller::Guest, "posts", Ask { filter, ..Ask::default() }), expected, "{filter}");
    }
}
