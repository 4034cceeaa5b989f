use backspin_schema::{Caller, Page};
use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::{Backend, alice, refusal, superuser};

const FIRST: Page = Page { number: 1, size: 2, skip_total: false };

fn with_three_movies() -> Backend {
    let backend = Backend::new();
    for (title, rating) in [("Brazil", 3), ("Alien", 5), ("Casablanca", 5)] {
        backend.create(&superuser(), "movies", json!({"title": title, "rating": rating})).unwrap();
    }
    backend.app.database().take();
    backend
}

fn titles(list: &Json) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[test]
fn a_guest_lists_a_page_in_the_order_of_creation() {
    let list = with_three_movies().list(&Caller::Guest, "movies", "", FIRST).unwrap();
    assert_eq!(titles(&list), ["Brazil", "Alien"]);
    assert_eq!(
        (&list["page"], &list["perPage"], &list["totalItems"], &list["totalPages"]),
        (&json!(1), &json!(2), &json!(3), &json!(2))
    );
}

#[test]
fn the_last_page_is_short_and_those_after_it_are_empty() {
    let backend = with_three_movies();
    let page = |number| backend.list(&Caller::Guest, "movies", "", Page { number, ..FIRST }).unwrap();
    assert_eq!(titles(&page(2)), ["Casablanca"]);
    assert_eq!(titles(&page(3)), Vec::<&str>::new());
    assert_eq!(page(i64::MAX)["page"], json!(i64::MAX));
}

#[test]
fn without_the_total_nothing_is_counted() {
    let backend = with_three_movies();
    let list = backend.list(&Caller::Guest, "movies", "", Page { skip_total: true, ..FIRST }).unwrap();
    assert_eq!((&list["totalItems"], &list["totalPages"]), (&json!(-1), &json!(-1)));
    assert!(!backend.app.database().take()[0].contains("count("));
}

#[test]
fn it_takes_one_statement_whatever_the_size_of_the_page() {
    let backend = with_three_movies();
    backend.list(&Caller::Guest, "movies", "-rating,title", Page { size: 1000, ..FIRST }).unwrap();
    let statements = backend.app.database().take();
    assert_eq!(statements.len(), 1);
    expect![[r#"
        SELECT (SELECT "value" FROM "_backspin" WHERE "name" = 'schema_version'), format('{"items":[%s],"page":%d,"perPage":%d,"totalItems":%d,"totalPages":%d}',
            coalesce((
                SELECT group_concat("json")
                FROM (
                    SELECT format('{"collectionId":"pbc_4044198014","collectionName":"movies","created":%s,"id":%s,"meta":%s,"rating":%s,"released":%s,"seen":%s,"title":%s,"updated":%s}', json_quote("record"."created"), json_quote("record"."id"), iif(json_valid("record"."meta"), json("record"."meta"), json_quote("record"."meta")), json_quote("record"."rating"), json_quote("record"."released"), iif("record"."seen", 'true', 'false'), json_quote("record"."title"), json_quote("record"."updated")) AS "json"
                    FROM (SELECT record."_rowid_" AS "@place" FROM "movies" AS record ORDER BY "record"."rating" DESC, "record"."title" ASC LIMIT ?1 OFFSET ?2) AS "page"
                    CROSS JOIN "movies" AS record ON record."_rowid_" = "page"."@place"
                )
            ), ''), ?3, ?1, "total"."count", ("total"."count" + ?1 - 1) / ?1)
        FROM (SELECT count(*) AS "count" FROM "movies" AS record) AS "total""#]]
    .assert_eq(&statements[0]);
}

#[test]
fn it_is_sorted_by_several_fields_up_and_down() {
    let backend = with_three_movies();
    let sorted = |sort| backend.list(&Caller::Guest, "movies", sort, Page { size: 10, ..FIRST }).unwrap();
    assert_eq!(titles(&sorted("title")), ["Alien", "Brazil", "Casablanca"]);
    assert_eq!(titles(&sorted("-rating, +title")), ["Alien", "Casablanca", "Brazil"]);
    assert_eq!(titles(&sorted("rating,-title")), ["Brazil", "Casablanca", "Alien"]);
    assert_eq!(titles(&sorted("-@rowid")), ["Casablanca", "Alien", "Brazil"]);
    assert_eq!(titles(&sorted("@random")).len(), 3);
}

#[test]
fn sorts_that_cannot_be_are_refused() {
    let backend = with_three_movies();
    let long = "title,".repeat(9) + "title";
    for sort in
        ["nope", ",", "title,,rating", "--title", "secret", "title;DROP TABLE movies", "\"title\"", &long]
    {
        assert_eq!(refusal(backend.list(&Caller::Guest, "movies", sort, FIRST)), "400", "{sort}");
    }
    backend.list(&superuser(), "movies", "secret", FIRST).unwrap();
}

#[test]
fn an_index_serves_the_order_and_the_skipped_records_are_not_read() {
    let backend = with_three_movies();
    backend.list(&Caller::Guest, "movies", "title", FIRST).unwrap();
    let sql = backend.app.database().take().remove(0);
    let plan = backend.sql(&format!(
        "EXPLAIN QUERY PLAN {}",
        sql.replace("?1", "30").replace("?2", "0").replace("?3", "1")
    ));
    let plan: Vec<String> = plan.into_iter().map(|row| format!("{:?}", row[3])).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("SCAN movies USING COVERING INDEX idx_movies_title"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn what_the_rule_does_not_allow_is_refused() {
    let backend = with_three_movies();
    assert_eq!(refusal(backend.list(&Caller::Guest, "notes", "", FIRST)), "403");
    assert_eq!(refusal(backend.list(&alice(), "notes", "", FIRST)), "403");
    assert_eq!(refusal(backend.list(&Caller::Guest, "nowhere", "", FIRST)), "404");
    // The rule of `users` shows everybody only themselves.
    assert_eq!(titles(&backend.list(&alice(), "users", "", FIRST).unwrap()), Vec::<&str>::new());
    assert_eq!(titles(&backend.list(&superuser(), "users", "", FIRST).unwrap()), Vec::<&str>::new());
}
