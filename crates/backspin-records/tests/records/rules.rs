use backspin_schema::Caller;
use serde_json::json;

use crate::blog::{Ask, blog, user};
use crate::superuser;

fn rule(rule: &str) -> crate::Backend {
    let blog = blog();
    let rule = rule.replace('\'', "''");
    blog.set_collection("posts", &format!("listRule = '{rule}', viewRule = '{rule}'"));
    blog.app.database().take();
    blog
}

#[test]
fn the_rule_decides_what_is_listed_and_viewed_in_the_same_statement() {
    let blog = rule("owner = @request.auth.id");
    let list = |caller: &Caller| blog.ids(caller, "posts", Ask::default());
    assert_eq!(list(&user("u1")), "p1 of 1");
    assert_eq!(list(&user("u2")), "p2 p3 of 2");
    assert_eq!(list(&Caller::Guest), " of 0");
    assert_eq!(list(&superuser()), "p1 p2 p3 of 3");
    let view = |caller: &Caller| {
        blog.ask_view(caller, ("posts", "p1"), Ask::default()).map_or_else(|error| error.status(), |_| 200)
    };
    assert_eq!((view(&user("u1")), view(&user("u2")), view(&Caller::Guest)), (200, 404, 404));
    assert_eq!(view(&superuser()), 200);
}

#[test]
fn rules_see_the_query_and_related_records() {
    let blog = rule("@request.query.key = 'k' && comments_via_post.author ?= @request.auth.id");
    let key = [("key".to_owned(), "k".to_owned())];
    let list = |query| blog.ids(&user("u2"), "posts", Ask { query, ..Ask::default() });
    assert_eq!(list(&key), "p1 of 1");
    assert_eq!(list(&[]), " of 0");
    let view = |query| blog.ask_view(&user("u2"), ("posts", "p1"), Ask { query, ..Ask::default() }).is_ok();
    assert!(view(&key) && !view(&[]));
}

#[test]
fn a_rule_and_a_filter_hold_together() {
    let blog = rule("owner = @request.auth.id");
    let ids = |filter| blog.ids(&user("u2"), "posts", Ask { filter, ..Ask::default() });
    assert_eq!(ids("title = 'Hello' || title = 'Zed'"), "p3 of 1");
}

#[test]
fn a_rule_that_no_longer_fits_the_schema_lets_nobody_pass_and_tells_nothing() {
    let blog = rule("gone = 'secret'");
    assert_eq!(
        blog.ids(&user("u1"), "posts", Ask::default()),
        "400 Something went wrong while processing your request."
    );
    let view = blog.ask_view(&user("u1"), ("posts", "p1"), Ask::default());
    assert_eq!(view.unwrap_err().status(), 404);
    assert_eq!(blog.ids(&superuser(), "posts", Ask::default()), "p1 p2 p3 of 3");
}

#[test]
fn who_manages_a_record_sees_its_email() {
    let blog = blog();
    blog.set_collection("users", "options = json_set(options, '$.manageRule', '@request.auth.id = ''u1''')");
    let emails = |caller: &Caller| {
        let list = blog.ask_list(caller, "users", Ask { fields: "email", ..Ask::default() }).unwrap();
        let items = list["items"].as_array().unwrap();
        items.iter().filter(|item| item.get("email").is_some()).count()
    };
    assert_eq!(emails(&user("u1")), 3);
    assert_eq!(emails(&user("u2")), 2);
    assert_eq!(emails(&Caller::Guest), 1);
    let ask = Ask { expand: "owner", ..Ask::default() };
    let post = |caller| blog.ask_view(&caller, ("posts", "p2"), ask).unwrap();
    assert_eq!(post(user("u1"))["expand"]["owner"]["email"], json!("bob@x.co"));
    assert_eq!(post(user("u3"))["expand"]["owner"].get("email"), None);
}
