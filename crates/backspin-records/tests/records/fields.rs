use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::blog::{Ask, blog};
use crate::superuser;

#[test]
fn a_record_is_cut_to_what_is_asked_for() {
    let blog = blog();
    let cut = |fields| {
        let ask = Ask { expand: "owner,tags", fields, ..Ask::default() };
        blog.ask_view(&Caller::Guest, ("posts", "p1"), ask).unwrap()
    };
    for (fields, expected) in [
        ("id", json!({"id": "p1"})),
        (" title ,id", json!({"id": "p1", "title": "Hello"})),
        ("id,nope,secret,items", json!({"id": "p1"})),
        ("nope", json!({})),
        ("collectionName", json!({"collectionName": "posts"})),
        ("title:excerpt(3)", json!({"title": "Hel"})),
        ("body:excerpt(3,true)", json!({"body": "Hi..."})),
        ("expand.owner.name", json!({"expand": {"owner": {"name": "Ann"}}})),
        ("id,expand.tags.name", json!({"id": "p1", "expand": {"tags": [{"name": "blue"}, {"name": "red"}]}})),
        ("expand.nope", json!({"expand": {}})),
        ("expand.owner.email", json!({"expand": {"owner": {"email": "ann@x.co"}}})),
        ("expand.owner.name:excerpt(1)", json!({"expand": {"owner": {"name": "A"}}})),
        ("meta.a", json!({"meta": {"a": [1, {"b": "c"}]}})),
        ("meta.b", json!({"meta": {}})),
        ("owner.name", json!({"owner": "u1"})),
    ] {
        assert_eq!(cut(fields), expected, "{fields}");
    }
    let whole = cut("");
    assert_eq!(cut("*"), whole);
    let mut narrowed = whole.clone();
    narrowed["expand"]["owner"] = json!({"name": "Ann"});
    narrowed["expand"].as_object_mut().unwrap().remove("tags");
    assert_eq!(cut("*,expand.owner.name"), narrowed);
}

#[test]
fn the_items_of_a_list_are_cut_and_the_totals_stay() {
    let blog = blog();
    let cut = |fields| blog.ask_list(&Caller::Guest, "posts", Ask { fields, ..Ask::default() }).unwrap();
    let list =
        |items: Json| json!({"items": items, "page": 1, "perPage": 30, "totalItems": 3, "totalPages": 1});
    assert_eq!(cut("id,page"), list(json!([{"id": "p1"}, {"id": "p2"}, {"id": "p3"}])));
    assert_eq!(cut("items.id"), list(json!([{}, {}, {}])));
    assert_eq!(cut("title:excerpt(1)"), list(json!([{"title": "H"}, {"title": "A"}, {"title": "Z"}])));
}

#[test]
fn nothing_is_rendered_that_nobody_asked_for() {
    let blog = blog();
    let ask = Ask { expand: "owner", fields: "id,title", ..Ask::default() };
    blog.ask_list(&Caller::Guest, "posts", ask).unwrap();
    let sql = blog.app.database().take().remove(0);
    assert!(!sql.contains("\"body\"") && !sql.contains("\"users\""), "{sql}");
}

#[test]
fn an_email_is_shown_only_where_it_may_be_seen_though_it_was_asked_for() {
    let blog = blog();
    let emails = |caller| {
        let list = blog.ask_list(&caller, "users", Ask { fields: "email", ..Ask::default() }).unwrap();
        list["items"].clone()
    };
    assert_eq!(emails(Caller::Guest), json!([{"email": "ann@x.co"}, {}, {}]));
    assert_eq!(emails(superuser())[1], json!({"email": "bob@x.co"}));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let blog = blog();
    for fields in ["title:nope(1)", "title:excerpt()", "title:excerpt(0)"] {
        let refused = blog.ask_view(&Caller::Guest, ("posts", "p1"), Ask { fields, ..Ask::default() });
        assert_eq!(refused.unwrap_err().status(), 400, "{fields}");
    }
}
