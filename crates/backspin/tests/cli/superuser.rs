//! `backspin superuser`, on the database itself.

use crate::process::{Ended, Folder};

#[track_caller]
fn check_refused(ended: Ended, message: &str) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), format!("error: {message}\n").as_str()));
}

#[test]
fn superusers_come_and_go() {
    let folder = Folder::hello();
    let run = |arguments: &str| folder.backspin(&format!("superuser {arguments}")).run();
    assert_eq!(run("list").stdout, "");
    let saved = run("upsert b@example.com correct-horse");
    assert_eq!((saved.code, saved.stdout.as_str()), (Some(0), "Saved the superuser b@example.com.\n"));
    assert!(folder.path().join(".spin/sqlite_db.db").exists());
    run("upsert a@example.com correct-horse");
    run("upsert a@example.com battery-staple");
    assert_eq!(run("list").stdout, "a@example.com\nb@example.com\n");
    assert_eq!(run("delete a@example.com").stdout, "Deleted the superuser a@example.com.\n");
    check_refused(run("delete a@example.com"), "There is no superuser a@example.com.");
    check_refused(run("delete b@example.com"), "The only superuser cannot be deleted.");
    assert_eq!(run("list").stdout, "b@example.com\n");
}

#[test]
fn a_password_that_is_not_given_is_made_and_printed() {
    let folder = Folder::hello();
    let upsert = || {
        let output = folder.backspin("superuser upsert a@example.com --state-dir elsewhere").run().stdout;
        let line =
            output.lines().find_map(|line| line.strip_prefix("Its password, which is not shown again: "));
        line.unwrap_or_else(|| panic!("no password in {output}")).to_owned()
    };
    let (first, second) = (upsert(), upsert());
    assert_eq!((first.len(), second.len()), (24, 24));
    assert_ne!(first, second);
    assert!(folder.path().join("elsewhere/sqlite_db.db").exists());
    assert!(!folder.path().join(".spin").exists());
}

#[test]
fn bad_emails_and_passwords_are_refused() {
    let folder = Folder::hello();
    let upsert = |arguments: &str| folder.backspin(&format!("superuser upsert {arguments}")).run();
    for email in ["nobody", "root@localhost", "root@example..com"] {
        let reason = "email: Must be a valid email address, with a domain such as example.com.";
        check_refused(upsert(&format!("{email} correct-horse")), reason);
    }
    check_refused(upsert("a@example.com short"), "password: Must be at least 8 character(s).");
    assert_eq!(folder.backspin("superuser list").run().stdout, "");
}
