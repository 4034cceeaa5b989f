use backspin_core::Value;
use proptest::prelude::*;
use serde_json::json;

use super::{Backend, root};

/// A write by any means.
#[derive(Clone, Debug)]
enum Write {
    Create(usize, String),
    Rename(usize, String),
    Sql(usize, f64),
    Delete(usize),
    DeleteAllBySql,
    Tag(usize, usize),
    Account(usize),
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        5 => (0..8_usize, any::<String>()).prop_map(|(n, text)| Write::Create(n, text)),
        4 => (0..8_usize, any::<String>()).prop_map(|(n, text)| Write::Rename(n, text)),
        3 => (0..8_usize, any::<f64>().prop_filter("finite", |n| n.is_finite())).prop_map(|(n, x)| Write::Sql(n, x)),
        3 => (0..8_usize).prop_map(Write::Delete),
        1 => Just(Write::DeleteAllBySql),
        3 => (0..8_usize, 0..8_usize).prop_map(|(post, tag)| Write::Tag(post, tag)),
        2 => (0..3_usize).prop_map(Write::Account),
    ]
}

const TABLES: [&str; 4] = ["posts", "tags", "comments", "users"];

fn tables(backend: &Backend) -> Vec<Vec<Vec<Value>>> {
    TABLES.iter().map(|table| backend.table(table)).collect()
}

fn run(backend: &Backend, write: &Write) {
    let exists =
        |table: &str, id: &str| !backend.sql(&format!("SELECT 1 FROM {table} WHERE id = '{id}'")).is_empty();
    let (post, tag) = (|n: &usize| format!("post0000000000{n}"), |n: &usize| format!("tag00000000000{n}"));
    match write {
        Write::Create(n, text) if !exists("posts", &post(n)) => {
            backend.create(&root(), "posts", json!({"id": post(n), "title": text, "meta": {"t": text}}));
            backend.create(&root(), "comments", json!({"text": text, "post": post(n)}));
        }
        Write::Rename(n, text) if exists("posts", &post(n)) => {
            backend.update(&root(), "posts", &post(n), json!({"title": text, "public": text.len() % 2 == 0}));
        }
        Write::Sql(n, number) => {
            drop(backend.sql(&format!("UPDATE posts SET n = {number:e} WHERE id = '{}'", post(n))))
        }
        Write::Delete(n) if exists("posts", &post(n)) => backend.delete(&root(), "posts", &post(n)),
        Write::DeleteAllBySql => {
            backend.sql("DELETE FROM posts WHERE id NOT IN (SELECT post FROM comments)");
        }
        Write::Tag(n, t) => {
            if !exists("tags", &tag(t)) {
                backend.create(&root(), "tags", json!({"id": tag(t), "name": format!("{t}")}));
            } else if exists("posts", &post(n)) {
                backend.update(&root(), "posts", &post(n), json!({"tags+": tag(t)}));
            } else {
                backend.delete(&root(), "tags", &tag(t));
            }
        }
        Write::Account(n) => {
            let id = format!("user0000000000{n}");
            if exists("users", &id) {
                backend.sql(&format!("DELETE FROM users WHERE id = '{id}'"));
            } else {
                backend.sql(&format!(
                    "INSERT INTO users (id, email, tokenKey, password) VALUES ('{id}', '{id}@x.co', '{id}' || hex(randomblob(9)), 'hash')"
                ));
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever was written, all collections put back to a moment are byte for byte what they were then, but for
    /// secrets.
    #[test]
    fn any_moment_comes_back(writes in proptest::collection::vec(write(), 1..25), at in any::<prop::sample::Index>()) {
        let backend = Backend::new();
        let moment = at.index(writes.len());
        writes[..moment].iter().for_each(|write| run(&backend, write));
        let (seq, then) = (backend.newest(), tables(&backend));
        writes[moment..].iter().for_each(|write| run(&backend, write));
        let now = tables(&backend);
        let mut body = json!({"collections": TABLES, "to": seq, "acceptedLosses": TABLES});
        let plan = backend.plan(&root(), body.clone()).unwrap();
        prop_assert_eq!(&tables(&backend), &now, "a plan changes nothing");
        prop_assert_eq!(&plan["dangling"], &json!([]));
        body["fingerprint"] = plan["fingerprint"].clone();
        let applied = backend.apply(&root(), body).unwrap();
        prop_assert_eq!(applied, plan, "what was predicted is what happened");
        prop_assert_eq!(&tables(&backend), &then);
        // And that can be taken back too.
        let undone = json!({"collections": TABLES, "to": seq, "acceptedLosses": TABLES});
        prop_assert_eq!(&backend.plan(&root(), undone).unwrap()["conflicts"], &json!([]));
    }
}
