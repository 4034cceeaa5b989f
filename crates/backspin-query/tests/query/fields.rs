//! `fields`. The expectations are what PocketBase 0.40 replies.

use backspin_query::{Excerpt, Fields};
use serde_json::json;

fn pick(fields: &str) -> String {
    let record = json!({
        "id": "p1", "title": "Hello", "n": 1, "tags": ["t1", "t2"],
        "meta": {"a": {"b": [1, 2, {"c": "x"}]}, "s": "str"},
        "expand": {"owner": {"id": "u1", "name": "Ann"}, "tags": [{"id": "t1", "name": "red"}, {"id": "t2", "name": "green"}]}
    });
    match Fields::parse(fields) {
        Ok(fields) => fields.pick(record).to_string(),
        Err(error) => error.message,
    }
}

#[test]
fn paths_choose_what_is_kept() {
    for (fields, expected) in [
        ("id", r#"{"id":"p1"}"#),
        ("id,,title", r#"{"id":"p1","title":"Hello"}"#),
        (" id , nope ", r#"{"id":"p1"}"#),
        ("Title", "{}"),
        ("id.x", r#"{"id":"p1"}"#),
        ("tags", r#"{"tags":["t1","t2"]}"#),
        ("meta.s", r#"{"meta":{"s":"str"}}"#),
        ("meta.a.b.c", r#"{"meta":{"a":{"b":[1,2,{"c":"x"}]}}}"#),
        ("expand.owner.name", r#"{"expand":{"owner":{"name":"Ann"}}}"#),
        ("expand.tags.name", r#"{"expand":{"tags":[{"name":"red"},{"name":"green"}]}}"#),
        ("id,expand.owner.*", r#"{"id":"p1","expand":{"owner":{"id":"u1","name":"Ann"}}}"#),
        ("expand.owner.name,expand.owner", r#"{"expand":{"owner":{"id":"u1","name":"Ann"}}}"#),
        ("*.name", "{}"),
        ("expand.*.name", r#"{"expand":{}}"#),
        ("title:excerpt(3)", r#"{"title":"Hel"}"#),
        ("title:excerpt( 2 , true )", r#"{"title":"He..."}"#),
        ("title,title:excerpt(2)", r#"{"title":"He"}"#),
        ("expand.owner.name:excerpt(1,true)", r#"{"expand":{"owner":{"name":"A..."}}}"#),
        ("n:excerpt(1),tags:excerpt(1)", r#"{"n":1,"tags":["t1","t2"]}"#),
        ("title : excerpt(2)", "{}"),
        ("title:excerpt(2),title", r#"{"title":"Hello"}"#),
        ("title:excerpt(2.9,True)", r#"{"title":"He..."}"#),
        ("title:excerpt(9223372036854775807)", r#"{"title":"Hello"}"#),
        (r"id,\'", r#"{"id":"p1"}"#),
        (r"id,\\`", r#"{"id":"p1"}"#),
        (r"id,'\''", r#"{"id":"p1"}"#),
        ("id,\"'\"", r#"{"id":"p1"}"#),
        ("id,a'b\"c'd", r#"{"id":"p1"}"#),
        ("id,'a,n,b',title", r#"{"id":"p1","title":"Hello"}"#),
        ("id,'(',title", r#"{"id":"p1","title":"Hello"}"#),
        (
            "*:excerpt(1),n",
            r#"{"id":"p","title":"H","n":1,"tags":["t1","t2"],"meta":{"a":{"b":[1,2,{"c":"x"}]},"s":"str"},"expand":{"owner":{"id":"u1","name":"Ann"},"tags":[{"id":"t1","name":"red"},{"id":"t2","name":"green"}]}}"#,
        ),
    ] {
        assert_eq!(pick(fields), expected, "{fields}");
    }
    let everything = pick("");
    assert_eq!(pick("*"), everything);
    assert_eq!(pick("*,title:excerpt(2)"), everything.replace("Hello", "He"));
}

#[test]
fn wrong_modifiers_are_refused() {
    for fields in [
        "title:excerpt()",
        "title:excerpt(0)",
        "title:excerpt(-1)",
        "title:excerpt",
        "title:excerpt(a)",
        "title:nope(3)",
        "title:excerpt(3,true,1)",
        "title:excerpt(2",
        "title:excerpt(.5)",
        "title:excerpt(1.x)",
        "title:excerpt(1e3)",
        "title:excerpt(inf)",
        "title:excerpt(9223372036854775808)",
    ] {
        assert!(pick(fields).starts_with("Invalid modifier"), "{fields}");
    }
    for fields in ["title'", r"id,'\'", r"id\,'", "id,'a','", "id,(',title", "title:excerpt(3,')"] {
        assert_eq!(pick(fields), "The quote ' in fields is not closed.", "{fields}");
    }
    assert!(pick(&"a.".repeat(40)).contains("at most 32 names"));
    assert!(pick(&"a,".repeat(10_000)).contains("longer than 16384 bytes"));
}

#[test]
fn excerpts_are_plain_text() {
    let excerpt = |html: &str, chars_max| Excerpt { chars_max, with_ellipsis: true }.of(html);
    let html = "<p>Hello <b>big</b>  world</p> &amp; more<script>alert(1)</script><br>x  y";
    assert_eq!(excerpt(html, 5), "Hello...");
    assert_eq!(excerpt(html, 11), "Hello big w...");
    assert_eq!(excerpt(html, 100), "Hello big world & morex y");
    assert_eq!(excerpt("aé日本語 text", 5), "aé日本語...");
    assert_eq!(excerpt("  lead  ", 10), "lead");
    assert_eq!(excerpt("a&lt;b &#65;&#x42; &nope; 1 < 2 <", 50), "a<b AB &nope; 1 < 2 <");
    assert_eq!(excerpt("<", 3), "<");
    assert_eq!(excerpt("a<!-- no -->b<style>p{}</style>c<p", 9), "abc");
}
