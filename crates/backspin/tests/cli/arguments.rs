//! Wrong arguments are told from failures by their exit code.

use crate::process::Folder;

#[test]
fn wrong_arguments_end_with_2_and_name_the_argument() {
    let folder = Folder::hello();
    for (arguments, named) in [
        ("", "Usage"),
        ("serve", "'serve'"),
        ("up --nonsense", "'--nonsense'"),
        ("up --listen nowhere", "'--listen <HOST:PORT>'"),
        ("up --variable name", "'--variable <NAME=VALUE>'"),
        ("up --max-instance-reuse-count 0", "at least 1"),
        ("up --max-instance-concurrent-reuse-count 8..1", "the range is empty"),
        ("up --request-timeout 1m", "one of s, ms, us, ns"),
        ("up --idle-instance-timeout soon", "is not a time"),
        ("up --instance-memory-bytes-max 1", "at least 65536"),
        ("up --request-body-bytes-max many", "'--request-body-bytes-max <BYTES>'"),
        ("up --sqlite-synchronous off", "[possible values: normal, full]"),
        ("superuser upsert", "<EMAIL>"),
        ("migrate", "Usage"),
        ("migrate forget", "<NUMBER|--before <NUMBER|DATE>>"),
        ("migrate revert last", "'[NUMBER]'"),
        ("migrate plan --server nowhere", "https://example.com"),
        ("migrate plan --server ftp://example.com", "https://example.com"),
        ("migrate plan --server http://me:secret@example.com", "--email and --password"),
        ("migrate plan --server http://example.com?a=b", "leave the ?"),
        ("migrate plan --server http://example.com --state-dir x", "--state-dir"),
        ("schema push --accept-loss", "<COLLECTION.FIELD>"),
        ("schema diff --dir", "<FOLDER>"),
    ] {
        let ended = folder.backspin(arguments).run();
        assert_eq!(ended.code, Some(2), "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(named), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn an_empty_state_folder_is_no_folder() {
    let ended = Folder::hello().backspin("up --state-dir").argument("").run();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
}

#[test]
fn help_names_every_command_and_exit_code() {
    let ended = Folder::empty().backspin("--help").run();
    assert_eq!(ended.code, Some(0));
    for part in ["up ", "build ", "superuser ", "migrate ", "schema ", "import ", "Exit codes:"] {
        assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
    }
    let version = Folder::empty().backspin("--version").run().stdout;
    assert_eq!(version, format!("backspin {}\n", env!("CARGO_PKG_VERSION")));
}
