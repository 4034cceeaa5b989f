use backspin_schema::Caller;
use serde_json::json;

use crate::blog::{Ask, blog, show, user};
use crate::superuser;

const P1: (&str, &str) = ("posts", "p1");

#[test]
fn relations_are_followed_forwards_and_back() {
    let blog = blog();
    for (expand, expected) in [
        ("", "none"),
        ("owner", "{owner:u1}"),
        ("tags", "{tags:[t3,t1]}"),
        (" tags , tag ", "{tag:t2 tags:[t3,t1]}"),
        ("comments_via_post", "{comments_via_post:[c1,c2]}"),
        ("COMMENTS_via_post", "{COMMENTS_via_post:[c1,c2]}"),
        ("covers_via_post", "{covers_via_post:o1}"),
        ("likes_via_posts", "{likes_via_posts:[l1,l2]}"),
        ("comments_via_post.author", "{comments_via_post:[c1{author:u1},c2{author:u2}]}"),
        (
            "likes_via_posts.posts.tag",
            "{likes_via_posts:[l1{posts:[p2{},p1{tag:t2}]},l2{posts:[p1{tag:t2}]}]}",
        ),
        ("owner,owner.drafts_via_owner", "{owner:u1{}}"),
        (".tag", "{tag:t2}"),
        ("tag.", "{tag:t2}"),
        ("tag.posts_via_tags.tag", "{tag:t2{posts_via_tags:[p3{}]}}"),
    ] {
        assert_eq!(blog.expansion(&Caller::Guest, P1, expand), expected, "{expand}");
    }
}

#[test]
fn relations_to_nothing_have_no_key() {
    let blog = blog();
    for (expand, expected) in [
        ("tag", "{}"),
        ("tags", "{}"),
        ("covers_via_post", "{}"),
        ("comments_via_post", "{comments_via_post:[c3]}"),
    ] {
        assert_eq!(blog.expansion(&Caller::Guest, ("posts", "p2"), expand), expected, "{expand}");
    }
    assert_eq!(blog.expansion(&Caller::Guest, ("posts", "p3"), "tag,tags"), "{tags:[t2]}");
}

#[test]
fn a_path_that_leads_nowhere_is_left_out_as_a_whole() {
    let blog = blog();
    for (expand, expected) in [
        ("nope", "none"),
        ("title", "none"),
        ("OWNER", "none"),
        ("owner:lower", "none"),
        ("comments_via_nope", "none"),
        ("comments_via_author", "none"),
        ("tag.nope", "none"),
        ("tags,tags.nope", "none"),
        ("owner,nope", "{owner:u1}"),
        ("owner.drafts_via_owner,owner.nope", "{owner:u1{}}"),
    ] {
        assert_eq!(blog.expansion(&Caller::Guest, P1, expand), expected, "{expand}");
    }
}

#[test]
fn the_view_rule_of_each_collection_holds() {
    let blog = blog();
    let expand = "lock,drafts,note";
    assert_eq!(blog.expansion(&Caller::Guest, P1, expand), "{note:n1}");
    assert_eq!(blog.expansion(&Caller::Guest, P1, "lock"), "none");
    assert_eq!(blog.expansion(&user("u1"), P1, expand), "{drafts:[d1] note:n1}");
    assert_eq!(blog.expansion(&user("u2"), P1, expand), "{drafts:[d2] note:n1}");
    assert_eq!(blog.expansion(&superuser(), P1, expand), "{drafts:[d2,d1] lock:k1 note:n1}");
    assert_eq!(
        blog.expansion(&user("u1"), P1, "owner.drafts_via_owner"),
        "{owner:u1{drafts_via_owner:[d1]}}"
    );
}

#[test]
fn a_rule_that_no_longer_fits_the_schema_shows_nothing() {
    let blog = blog();
    blog.set_collection("tags", "viewRule = 'gone = 1'");
    assert_eq!(blog.expansion(&user("u1"), P1, "tags,note"), "{note:n1}");
    assert_eq!(blog.expansion(&superuser(), P1, "tags"), "{tags:[t3,t1]}");
}

#[test]
fn hidden_fields_and_emails_are_kept_back_in_what_is_expanded() {
    let blog = blog();
    let ask = Ask { expand: "tag,comments_via_post.author", ..Ask::default() };
    let seen = |caller| {
        let record = blog.ask_view(&caller, P1, ask).unwrap();
        let authors = [0, 1].map(|at| {
            let author = &record["expand"]["comments_via_post"][at]["expand"]["author"];
            assert_eq!((author.get("password"), author.get("tokenKey")), (None, None));
            author.get("email").cloned().unwrap_or_default()
        });
        (record["expand"]["tag"].get("secret").cloned(), authors)
    };
    let (ann, bob) = (json!("ann@x.co"), json!("bob@x.co"));
    assert_eq!(seen(Caller::Guest), (None, [ann.clone(), json!(null)]));
    assert_eq!(seen(user("u3")), (None, [ann.clone(), json!(null)]));
    assert_eq!(seen(user("u2")), (None, [ann.clone(), bob.clone()]));
    assert_eq!(seen(superuser()), (Some(json!("s")), [ann, bob]));
}

#[test]
fn six_levels_are_followed_and_no_more() {
    let path = "comments_via_post.post.comments_via_post.post.comments_via_post.post.owner";
    let shown = blog().expansion(&Caller::Guest, ("posts", "p2"), path);
    assert_eq!(
        shown,
        "{comments_via_post:[c3{post:p2{comments_via_post:[c3{post:p2{comments_via_post:[c3{post:p2}]}}]}}]}"
    );
}

#[test]
fn a_list_expands_each_item_within_its_one_statement() {
    let blog = blog();
    let ask = Ask { expand: "owner,comments_via_post.author,tag", ..Ask::default() };
    let list = blog.ask_list(&Caller::Guest, "posts", ask).unwrap();
    let shown: Vec<String> =
        list["items"].as_array().unwrap().iter().map(|item| show(item.get("expand"))).collect();
    assert_eq!(
        shown,
        [
            "{comments_via_post:[c1{author:u1},c2{author:u2}] owner:u1 tag:t2}",
            "{comments_via_post:[c3{author:u3}] owner:u2}",
            "{owner:u2}"
        ]
    );
    assert_eq!(blog.app.database().take().len(), 1);
}

#[test]
fn too_much_is_refused_and_takes_no_memory() {
    let blog = blog();
    let refused = |expand: &str| {
        let asked = blog.ask_view(&Caller::Guest, P1, Ask { expand, ..Ask::default() });
        asked.unwrap_err().to_string()
    };
    assert!(refused(&"tag,".repeat(101)).contains("more than 100 paths"));
    assert!(refused(&"a".repeat(9000)).contains("longer than 8192 bytes"));
    let names = ["owner", "tag", "tags", "drafts", "comments_via_post", "likes_via_posts"];
    let wide: Vec<String> = (0..100)
        .map(|i| {
            let name = |level: u32| names[(i / 6_usize.pow(level)) % 6];
            format!("comments_via_post.post.comments_via_post.post.{}.posts_via_{}", name(0), name(1))
        })
        .collect();
    blog.ask_view(&Caller::Guest, P1, Ask { expand: &wide.join(","), ..Ask::default() }).unwrap();
}

#[test]
fn relations_to_many_within_others_are_counted_before_they_are_rendered() {
    let blog = blog();
    blog.sql(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         INSERT INTO comments (id, text, post, author) SELECT 'x' || i, 'more', 'p1', 'u1' FROM n",
    );
    let asked = |expand| blog.ask_view(&Caller::Guest, P1, Ask { expand, ..Ask::default() });
    let found = asked("comments_via_post.author").unwrap();
    assert_eq!(found["expand"]["comments_via_post"].as_array().unwrap().len(), 402);
    // 402 comments, each with its post's 402 comments, are more than 100,000 records.
    let refused = asked("comments_via_post.post.comments_via_post").unwrap_err();
    assert_eq!(refused.status(), 400);
    assert!(refused.to_string().contains("too many records"));
    let list = |expand| blog.ask_list(&Caller::Guest, "posts", Ask { expand, ..Ask::default() });
    assert_eq!(list("comments_via_post.post.comments_via_post").unwrap_err().status(), 400);
    assert!(list("comments_via_post.post.tags").is_ok());
}
