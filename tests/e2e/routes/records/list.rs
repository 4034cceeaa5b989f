//! `GET /api/collections/{collection}/records`

use backspin_tests::{Client, expect, start};
use serde_json::{Value, json};

use super::{OPEN, POSTS, create_posts};

fn store(root: &Client, ranks: &[i64]) {
    for rank in ranks {
        root.post(POSTS, json!({"title": format!("t{}", rank % 3), "rank": rank})).ok();
    }
}

fn ranks(client: &Client, query: &str) -> Vec<i64> {
    let list = client.get(&format!("{POSTS}?{query}")).ok();
    let rank = |record: &Value| record["rank"].as_i64().unwrap();
    list["items"].as_array().unwrap().iter().map(rank).collect()
}

#[test]
fn a_page_has_its_records_and_totals() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    store(&root, &[1, 2, 3]);
    anon.get(&format!("{POSTS}?page=2&perPage=2&sort=rank")).check(expect![[r#"
        200 {
          "items": [
            {
              "collectionId": "pbc_1125843985",
              "collectionName": "posts",
              "created": "[time]",
              "due": "",
              "extra": null,
              "id": "[id]",
              "published": false,
              "rank": 3,
              "title": "t0",
              "updated": "[time]"
            }
          ],
          "page": 2,
          "perPage": 2,
          "totalItems": 3,
          "totalPages": 2
        }"#]]);
}

#[test]
fn an_empty_collection_has_an_empty_page() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    anon.get(POSTS).check(expect![[r#"
        200 {
          "items": [],
          "page": 1,
          "perPage": 30,
          "totalItems": 0,
          "totalPages": 0
        }"#]]);
}

#[test]
fn records_are_sorted_by_several_fields() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    store(&root, &[4, 1, 3, 2, 6, 5]);
    assert_eq!(ranks(&anon, "sort=rank"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(ranks(&anon, "sort=-rank"), [6, 5, 4, 3, 2, 1]);
    assert_eq!(ranks(&anon, "sort=title,-rank"), [6, 3, 4, 1, 5, 2]);
    assert_eq!(ranks(&anon, "sort=%2Btitle,rank"), [3, 6, 1, 4, 2, 5]);
    assert_eq!(ranks(&anon, "sort=rank&page=3&perPage=2"), [5, 6]);
    assert_eq!(ranks(&anon, "sort=rank&page=4&perPage=2"), [0; 0]);
}

#[test]
fn page_and_per_page_are_echoed_as_applied() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    for (query, page, per_page) in [
        ("", 1, 30),
        ("page=0&perPage=0", 1, 30),
        ("page=-1&perPage=-1", 1, 30),
        ("page=2&perPage=1000", 2, 1000),
        ("perPage=1001", 1, 1000),
        ("perPage=100000", 1, 1000),
    ] {
        let list = anon.get(&format!("{POSTS}?{query}")).ok();
        assert_eq!(
            (list["page"].as_i64(), list["perPage"].as_i64()),
            (Some(page), Some(per_page)),
            "{query}"
        );
    }
}

#[test]
fn without_totals_they_are_minus_one() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    store(&root, &[1]);
    let list = anon.get(&format!("{POSTS}?skipTotal=1")).ok();
    assert_eq!((&list["totalItems"], &list["totalPages"]), (&json!(-1), &json!(-1)));
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_closed_rule_lets_only_superusers_list() {
    let (_app, anon, root) = start();
    create_posts(&root, &["viewRule"]);
    assert_eq!(anon.get(POSTS).refused_with(403), [""; 0]);
    root.get(POSTS).ok();
}

#[test]
fn queries_that_mean_nothing_are_refused() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    store(&root, &[1]);
    for query in [
        "page=x",
        "perPage=x",
        "page=1.5",
        "page=9223372036854775808",
        "sort=nothing",
        "sort=rank%3BDROP",
        "sort=rank'",
        "sort=%22rank%22",
        "sort=(SELECT%201)",
        "sort=rank%20DESC",
        "sort=a,b,c,d,e,f,g,h,i",
    ] {
        assert_eq!(anon.get(&format!("{POSTS}?{query}")).refused_with(400), [""; 0], "{query}");
    }
    assert_eq!(ranks(&anon, "sort=rank"), [1]);
}

#[test]
fn an_unknown_collection_is_not_found() {
    let (_app, anon, root) = start();
    for client in [anon, root] {
        assert_eq!(client.get("/api/collections/nothing/records").refused_with(404), [""; 0]);
    }
}
