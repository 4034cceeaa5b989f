//! Orders.

use backspin_query::Sort;

use crate::blog::{As, Blog, Case};

#[test]
fn records_come_in_the_order_asked_for() {
    let blog = Blog::new();
    for (sort, expected) in [
        ("title", "p3 p5 p1 p4 p2"),
        ("-title,+n", "p2 p4 p1 p5 p3"),
        ("  title , -n ", "p3 p5 p1 p4 p2"),
        ("@rowid", "p1 p2 p3 p4 p5"),
        ("-@rowid", "p5 p4 p3 p2 p1"),
        ("owner.name,id", "p3 p1 p4 p2 p5"),
        ("tags.name,id", "p3 p4 p5 p1 p2"),
        ("-comments_via_post.n,id", "p4 p2 p1 p3 p5"),
        ("meta.n,id", "p2 p3 p4 p5 p1"),
        ("meta.,meta.:,id", "p1 p2 p3 p4 p5"),
        ("title:lower", "p3 p5 p4 p1 p2"),
        ("tags:length,id", "p3 p2 p4 p1 p5"),
        ("geo.lon,id", "p2 p3 p4 p5 p1"),
        ("n,n,n,n,n,n,n,n", "p4 p3 p1 p2 p5"),
    ] {
        assert_eq!(
            blog.run(&Case { sort: Some(sort), by: As::Guest, ..Case::default() }),
            expected,
            "{sort}"
        );
    }
    let random = blog.run(&Case { sort: Some("-@random,title"), ..Case::default() });
    assert_eq!(random.split(' ').count(), 5);
}

#[test]
fn what_is_no_sort_is_refused() {
    let blog = Blog::new();
    for sort in [
        "nope",
        "title,",
        ",",
        "--title",
        "+",
        "@now",
        "TITLE",
        "\"title\"",
        "title desc",
        "a(b)",
        "null",
        "rowid",
    ] {
        let message = blog.run(&Case { sort: Some(sort), ..Case::default() });
        assert!(message.contains("(at "), "{sort}: {message}");
    }
    let view = blog.run(&Case { collection: "titles", sort: Some("@rowid"), ..Case::default() });
    assert_eq!(view, "A view has no @rowid to sort by. (at 0)");
    assert!(Sort::parse(&"n,".repeat(8)).is_err());
    assert!(Sort::parse(&"n".repeat(3_000)).is_err());
    assert!(Sort::parse("").expect("no sort").is_empty());
}
