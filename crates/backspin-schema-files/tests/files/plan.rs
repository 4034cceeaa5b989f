//! Plans and migrations as people read them.

use anstream::adapter::strip_str;
use backspin_schema_files::{History, Plan};
use expect_test::expect;
use serde_json::json;

fn plan() -> Plan {
    let step = |target: &str, summary: &str, grades: &[&str], rows: i64, lost: i64| {
        json!({ "kind": "dropField", "target": target, "summary": summary, "grades": grades, "rows": rows,
                "lost": lost, "up": [], "down": [] })
    };
    serde_json::from_value(json!({
        "fingerprint": "f",
        "problems": [{ "collection": "movies", "part": "listRule", "message": "There is no field year." }],
        "steps": [
            step("movies.year", "Remove the field movies.year", &["rewrites", "breaksClients", "losesData"], 12000, 340),
            step("movies.title", "Create the\n  index `a`", &["safe"], 0, 0),
            step("movies.year", "Convert", &["losesData"], 12000, 1),
        ],
    }))
    .unwrap()
}

#[test]
fn a_plan_is_a_table_with_its_problems() {
    let expected = expect![[r#"
        grade                                  rows  lost  step
        loses data, breaks clients, rewrites  12000   340  Remove the field movies.year
        safe                                      0     0  Create the index `a`
        loses data                            12000     1  Convert
        problem in movies, listRule: There is no field year.
    "#]];
    expected.assert_eq(&strip_str(&plan().to_string()).to_string());
}

#[test]
fn losses_are_told_once_by_their_target() {
    let plan = plan();
    let targets = |accepted: &[String]| -> Vec<String> {
        plan.losses(accepted).into_iter().map(|step| step.target.clone()).collect()
    };
    assert_eq!(targets(&[]), ["movies.year"]);
    assert_eq!(targets(&["movies.title".to_owned()]), ["movies.year"]);
    assert_eq!(targets(&["movies.year".to_owned()]), Vec::<String>::new());
}

#[test]
fn the_last_migration_is_the_newest_in_force() {
    let migration = |number: i64, reverted: &str| {
        json!({ "number": number, "applied": "2026-01-01 00:00:00.000Z", "author": "a@b.co", "schemaBefore": "a",
                "schemaAfter": "b", "steps": [], "reverted": reverted, "forgotten": "" })
    };
    let history: History = serde_json::from_value(json!({
        "page": 1, "perPage": 30, "totalItems": 2, "totalPages": 1, "current": { "schema": "b" },
        "items": [migration(3, "2026-01-02 00:00:00.000Z"), migration(2, ""), migration(1, "")],
    }))
    .unwrap();
    assert_eq!(history.last().map(|migration| migration.number), Some(2));
    let expected = expect![[r#"
        Migration 3 of 2026-01-01 00:00:00.000Z by a@b.co, taken back 2026-01-02 00:00:00.000Z
    "#]];
    expected.assert_eq(&history.items[0].to_string());
}
