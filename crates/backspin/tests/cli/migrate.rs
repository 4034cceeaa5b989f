//! `backspin migrate`, on the database of an application.

use backspin_core::Value;
use expect_test::expect;

use crate::process::Folder;
use crate::schema_files::{MOVIES, check, pulled, sql, with_movies, without_year};

fn years(folder: &Folder) -> Option<Value> {
    sql(folder, "SELECT group_concat(year) FROM movies")
}

#[test]
fn a_change_is_planned_applied_and_taken_back() {
    let folder = pulled();
    assert_eq!(
        check(&folder, "migrate plan", 0).stdout,
        "Nothing to do: the database is as the files say.\n"
    );
    folder.write("schema/movies.json", MOVIES);
    expect![[r#"
        grade  rows  lost  step
        safe      0     0  Create the collection movies
        Nothing was changed. To do it: backspin migrate apply
    "#]]
    .assert_eq(&check(&folder, "migrate plan", 2).stdout);
    let status = check(&folder, "migrate status", 2).stdout;
    assert!(
        status.contains("No migration was applied yet.\nDiffers from the files in 1 collection: movies."),
        "{status}"
    );

    let applied = check(&folder, "migrate apply --yes", 0).stdout;
    assert!(
        applied.ends_with("Applied as migration 1. It is taken back with: backspin migrate revert\n"),
        "{applied}"
    );
    let status = check(&folder, "migrate status", 0).stdout;
    assert!(status.contains("  command line  Create the collection movies\nIn step"), "{status}");
    check(&folder, "migrate plan", 0);
    check(&folder, "migrate apply --yes", 0);

    let reverted = check(&folder, "migrate revert 1 --yes", 0).stdout;
    assert!(reverted.ends_with("  Create the collection movies\nTook back migration 1.\n"), "{reverted}");
    check(&folder, "migrate plan", 2);
    let status = check(&folder, "migrate status", 2).stdout;
    assert!(status.contains("Create the collection movies (taken back)"), "{status}");
    let nothing = check(&folder, "migrate revert --yes", 1).stderr;
    assert_eq!(nothing, "error: there is no migration to take back\n");
}

#[test]
fn what_loses_data_must_be_named() {
    let folder = with_movies();
    let before = years(&folder);
    folder.write("schema/movies.json", &without_year());
    let plan = check(&folder, "migrate plan", 2).stdout;
    assert!(plan.contains("loses data"), "{plan}");
    for arguments in ["migrate apply --yes", "schema push --yes --accept-loss movies.title"] {
        let refused = check(&folder, arguments, 1).stderr;
        let expected = "error: data would be lost. Nothing was changed. If that is meant, add --accept-loss movies.year\n";
        assert_eq!(refused, expected);
    }
    assert_eq!(years(&folder), before);

    check(&folder, "migrate apply --yes --accept-loss movies.year", 0);
    assert_eq!(
        sql(&folder, "SELECT count(*) FROM pragma_table_info('movies') WHERE name = 'year'"),
        Some(Value::Integer(0))
    );
    let only_last = check(&folder, "migrate revert 1 --yes", 1).stderr;
    assert_eq!(
        only_last,
        "error: only the last migration, 2, can be taken back, not 1. Nothing was changed\n"
    );
    check(&folder, "migrate revert --yes", 0);
    assert_eq!(years(&folder), before);
}

#[test]
fn what_a_revert_would_lose_must_be_named() {
    let folder = with_movies();
    let refused = check(&folder, "migrate revert --yes", 1).stderr;
    assert!(refused.contains("3 would be lost. Name movies to accept it."), "{refused}");
    assert!(refused.contains("lose data for good: a revert cannot be taken back"), "{refused}");
    assert_ne!(years(&folder), None);
    check(&folder, "migrate revert --yes --accept-loss movies", 0);
}

#[test]
fn what_was_taken_away_is_deleted_for_good_when_told() {
    let folder = with_movies();
    folder.write("schema/movies.json", &without_year());
    check(&folder, "migrate apply --yes --accept-loss movies.year", 0);
    let kept = || sql(&folder, "SELECT count(*) FROM sqlite_master WHERE name LIKE '\\_kept~%' ESCAPE '\\'");
    assert_eq!(kept(), Some(Value::Integer(1)));
    for (number, message) in [
        ("1", "No migration 1 is in force that keeps anything."),
        ("3", "there is no migration 3. Nothing was deleted"),
    ] {
        let refused = check(&folder, &format!("migrate forget {number} --yes"), 1).stderr;
        assert!(refused.contains(message), "{refused}");
    }
    let unasked = check(&folder, "migrate forget 2", 1).stderr;
    assert!(unasked.contains("Add --yes"), "{unasked}");
    assert_eq!(kept(), Some(Value::Integer(1)));

    let forgotten = check(&folder, "migrate forget 2 --yes", 0).stdout;
    assert!(forgotten.contains("Remove the field year from movies with its values"), "{forgotten}");
    assert!(forgotten.ends_with("Deleted for good what migration 2 took away.\n"), "{forgotten}");
    assert_eq!(kept(), Some(Value::Integer(0)));
    assert!(check(&folder, "migrate status", 0).stdout.contains("(what it took away is deleted)"));
    let refused = check(&folder, "migrate revert --yes", 1).stderr;
    assert!(refused.contains("were deleted for good"), "{refused}");
    check(&folder, "migrate forget 2 --yes", 1);
}

#[test]
fn what_older_migrations_took_away_is_deleted_at_once() {
    let folder = with_movies();
    folder.write("schema/movies.json", &without_year());
    check(&folder, "migrate apply --yes --accept-loss movies.year", 0);
    for (arguments, message) in [
        ("migrate forget", "<NUMBER|--before <NUMBER|DATE>>"),
        ("migrate forget 2 --before 3", "cannot be used with"),
        ("migrate forget --before soon", "write the number of a migration, or a date"),
    ] {
        let wrong = check(&folder, arguments, 2).stderr;
        assert!(wrong.contains(message), "{wrong}");
    }
    for before in ["2", "2020-01-31"] {
        let none = check(&folder, &format!("migrate forget --yes --before {before}"), 1).stderr;
        assert!(none.contains("is in force that keeps anything."), "{none}");
    }
    let forgotten = check(&folder, "migrate forget --yes --before 3", 0).stdout;
    assert_eq!(forgotten, "Deleted for good what the migrations before 3 took away.\n");
    assert!(check(&folder, "migrate status", 0).stdout.contains("(what it took away is deleted)"));
}

#[test]
fn a_reader_that_goes_changes_nothing() {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    let mut apply = folder.backspin("migrate apply --yes").start();
    drop(apply.stdout.take());
    assert_eq!(
        apply.wait_with_output().map(|output| (output.status.code(), output.stderr)).unwrap(),
        (Some(0), vec![])
    );
    check(&folder, "schema diff", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let folder = pulled();
    let line = format!("{} schema diff > /dev/full", env!("CARGO_BIN_EXE_backspin"));
    let output =
        std::process::Command::new("sh").args(["-c", &line]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: the output cannot be written: "));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let folder = with_movies();
    folder.write("schema/movies.json", &without_year());
    let before = years(&folder);
    for arguments in ["migrate apply", "migrate revert", "schema push --accept-loss movies.year"] {
        let refused = check(&folder, arguments, 1).stderr;
        assert!(refused.contains("nothing was changed. Add --yes"), "{refused}");
    }
    assert_eq!(years(&folder), before);
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_somebody_is_asked() {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    for no in ["", "n", "no", "yes please"] {
        let ended = folder.backspin("migrate apply").answer(no);
        assert_eq!(ended.code, Some(1), "{no}: {}", ended.stdout);
        assert!(ended.stdout.contains("Apply 1 step? [y/N]"), "{}", ended.stdout);
        assert!(ended.stdout.contains("nothing was changed"), "{}", ended.stdout);
    }
    check(&folder, "migrate plan", 2);
    assert_eq!(folder.backspin("migrate apply").answer("y").code, Some(0));
    sql(&folder, "INSERT INTO movies (id, title, year) VALUES ('movie0000000000', 'Film', 1990)");

    folder.write("schema/movies.json", &without_year());
    let ended = folder.backspin("migrate apply").answer("y");
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("Lost from movies.year: 1 value."), "{}", ended.stdout);
    // A grade that is grave is red.
    assert!(ended.stdout.contains("\u{1b}[1m\u{1b}[31mloses data"), "{:?}", ended.stdout);
    assert_eq!(folder.backspin("migrate apply").answer("lose data").code, Some(0));
    assert_eq!(folder.backspin("migrate revert").answer("YES").code, Some(0));
    assert_eq!(years(&folder), Some(Value::Text("1990".to_owned())));
}

#[test]
fn programs_read_json() {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let plan = json(&check(&folder, "migrate plan --json", 2).stdout);
    assert_eq!((&plan["problems"], &plan["steps"][0]["target"]), (&serde_json::json!([]), &"movies".into()));
    let status = json(&check(&folder, "migrate status --json", 2).stdout);
    assert_eq!((&status["inStep"], &status["differences"][0]["name"]), (&false.into(), &"movies".into()));
    check(&folder, "migrate apply --yes", 0);
    let status = json(&check(&folder, "migrate status --json", 0).stdout);
    assert_eq!((&status["inStep"], &status["migrations"][0]["number"]), (&true.into(), &1.into()));
    assert_eq!(json(&check(&folder, "migrate plan --json", 0).stdout)["steps"], serde_json::json!([]));
}

#[test]
fn the_sql_of_a_plan_is_shown_when_asked() {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    let plan = check(&folder, "migrate plan --sql", 2).stdout;
    assert!(plan.contains("CREATE TABLE \"movies\""), "{plan}");
}

#[test]
fn what_the_change_would_break_is_told_by_its_name() {
    let folder = with_movies();
    folder.write(
        "schema/films.json",
        r#"{"name": "films", "type": "view", "viewQuery": "SELECT id, year FROM movies"}"#,
    );
    check(&folder, "migrate apply --yes", 0);
    let before = years(&folder);
    folder.write("schema/movies.json", &without_year());
    let ended = check(&folder, "migrate apply --yes --accept-loss movies.year", 1);
    assert!(
        format!("{}{}", ended.stdout, ended.stderr).contains("films"),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    folder.write(
        "schema/films.json",
        r#"{"name": "films", "type": "base", "fields": [{"name": "x y", "type": "text"}]}"#,
    );
    let wrong = check(&folder, "migrate plan", 1).stderr;
    assert!(wrong.contains("films.fields.x y.name: "), "{wrong}");
    assert_eq!(years(&folder), before);
}
