//! `expand`.

use backspin_query::{Expand, ExpandStep};
use expect_test::expect;

use crate::blog;

fn show(expand: &Expand) -> String {
    let parts =
        expand.0.iter().map(
            |(name, inner)| {
                if inner.is_empty() { name.clone() } else { format!("{name}({})", show(inner)) }
            },
        );
    parts.collect::<Vec<_>>().join(" ")
}

fn parse(text: &str) -> String {
    Expand::parse(text).map_or_else(|error| error.message, |expand| show(&expand))
}

#[test]
fn paths_become_a_tree() {
    assert_eq!(parse(""), "");
    assert_eq!(parse(" owner , org.members,org.owner,owner"), "owner org(members owner)");
    assert_eq!(parse(".owner,,org."), "owner org");
    assert_eq!(parse("a.b.c.d.e.f.g.h"), "a(b(c(d(e(f)))))");
}

#[test]
fn limits_hold() {
    expect!["The expand has more than 100 paths."].assert_eq(&parse(&"a,".repeat(101)));
    expect!["The expand is longer than 8192 bytes."].assert_eq(&parse(&"a.".repeat(5_000)));
}

#[test]
fn steps_are_found_in_the_schema() {
    let schema = blog::schema();
    let posts = schema.find("posts").expect("posts");
    let step = |name| match ExpandStep::find(&schema, posts, name) {
        None => "none".to_owned(),
        Some(ExpandStep::Relation { field, collection }) => format!("{} → {}", field.name, collection.name),
        Some(ExpandStep::Back { field, collection, unique }) => {
            format!("← {}.{}{}", collection.name, field.name, if unique { " once" } else { "" })
        }
    };
    assert_eq!(step("owner"), "owner → users");
    assert_eq!(step("comments_via_post"), "← comments.post");
    assert_eq!(step("covers_via_post"), "← covers.post once");
    assert_eq!(step("likes_via_posts"), "← likes.posts");
    for none in ["title", "nope", "comments_via_author", "comments_via_nope", "nope_via_post", "OWNER"] {
        assert_eq!(step(none), "none", "{none}");
    }
}
