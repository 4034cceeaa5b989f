use backspin_core::Value;

use super::{Backend, posts, text};

/// The oldest and the newest `seq`, and how many there are.
fn kept(backend: &Backend) -> [i64; 3] {
    let row = backend.sql("SELECT min(seq), max(seq), count(*) FROM _changes").remove(0);
    let integer = |value: &Value| match value {
        Value::Integer(integer) => *integer,
        other => panic!("{other:?}"),
    };
    [integer(&row[0]), integer(&row[1]), integer(&row[2])]
}

fn limit(backend: &Backend, name: &str, value: i64) {
    backend.sql(&format!("UPDATE _backspin SET value = '{value}' WHERE name = '{name}'"));
}

fn write(backend: &Backend, records: usize) {
    backend.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})
         INSERT INTO posts (title) SELECT i FROM n"
    ));
}

#[test]
fn writes_take_the_oldest_changes_with_them_beyond_the_count() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    limit(&backend, "changes_max_count", 100);
    write(&backend, 1000);
    let [oldest, newest, count] = kept(&backend);
    assert_eq!((newest, count), (1000, newest - oldest + 1));
    assert!((100..=164).contains(&count), "{count}");
}

#[test]
fn what_is_in_excess_goes_in_small_steps() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    write(&backend, 6400);
    limit(&backend, "changes_max_count", 10);
    let [_, _, before] = kept(&backend);
    write(&backend, 64);
    assert_eq!(kept(&backend)[2], before + 64 - 128);
    write(&backend, 64 * 200);
    assert!(kept(&backend)[2] <= 74);
}

#[test]
fn writes_take_the_oldest_changes_with_them_beyond_the_age() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    write(&backend, 100);
    backend
        .sql("UPDATE _changes SET time = strftime('%Y-%m-%d %H:%M:%fZ', 'now', '-8 days') WHERE seq <= 70");
    write(&backend, 64);
    assert_eq!(kept(&backend), [1, 164, 164], "90 days are kept");
    limit(&backend, "changes_max_days", 7);
    write(&backend, 64);
    assert_eq!(kept(&backend)[0], 71);
}

#[test]
fn nothing_goes_without_limits_and_the_newest_never() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    limit(&backend, "changes_max_count", 0);
    limit(&backend, "changes_max_days", 0);
    write(&backend, 640);
    backend.sql("UPDATE _changes SET time = '2000-01-01 00:00:00.000Z'");
    write(&backend, 640);
    assert_eq!(kept(&backend), [1, 1280, 1280]);
    limit(&backend, "changes_max_count", 1);
    limit(&backend, "changes_max_days", 1);
    write(&backend, 64 * 20);
    let [_, newest, count] = kept(&backend);
    assert_eq!(newest, 2560);
    assert!((1..=64).contains(&count), "{count}");
}
