//! The folder, with whatever is in it.

use std::fs;
use std::path::Path;

use backspin_schema_files::{Folder, SCHEMA_FILE_BYTES_MAX, to_text};
use serde_json::json;
use tempfile::TempDir;

use crate::collections::{collection, movies};

fn folder() -> (TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path().join("schema"));
    (dir, folder)
}

fn names(paths: &[std::path::PathBuf]) -> Vec<&str> {
    paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

#[test]
fn what_is_written_is_read_again() {
    let (_dir, folder) = folder();
    let notes = collection(json!({ "id": "pbc_9", "name": "notes", "type": "base" }));
    let written = folder.write(&[notes.clone(), movies()]).unwrap();
    assert_eq!(names(&written.written), ["notes.json", "movies.json"]);
    assert_eq!(folder.read().unwrap(), [movies(), notes.clone()]);

    let again = folder.write(std::slice::from_ref(&notes)).unwrap();
    assert_eq!((again.written.len(), again.unchanged, names(&again.removed)), (0, 1, vec!["movies.json"]));
    let renamed = backspin_schema::Collection { name: "memos".to_owned(), ..notes };
    let last = folder.write(&[renamed]).unwrap();
    assert_eq!((names(&last.written), names(&last.removed)), (vec!["memos.json"], vec!["notes.json"]));
    assert_eq!(files(folder.path()), ["memos.json"]);
}

#[test]
fn what_was_written_by_hand_is_not_removed() {
    let (_dir, folder) = folder();
    folder.write(&[movies()]).unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let actors = collection(json!({ "id": "pbc_5", "name": "actors", "type": "base" }));
    put("without_id.json", r#"{"name": "without_id", "type": "base"}"#);
    put("actors.json", &to_text(&actors).unwrap().replace("  ", "    "));
    put("other_name.json", &to_text(&actors).unwrap());
    put("broken.json", "{");
    put("README.md", "# The schema");
    put(".hidden.json", "{");
    let written = folder.write(&[]).unwrap();
    assert_eq!(names(&written.removed), ["movies.json"]);
    assert_eq!(names(&written.left), ["actors.json", "broken.json", "other_name.json", "without_id.json"]);
    assert_eq!(files(folder.path()).len(), 6);
}

#[test]
fn two_files_of_one_collection_are_told_apart() {
    let (_dir, folder) = folder();
    folder.write(&[movies()]).unwrap();
    let copy = folder.path().join("copy.json");
    let movies_json = fs::read_to_string(folder.path().join("movies.json")).unwrap();
    let check = |text: &str, what: &str| {
        fs::write(&copy, text).unwrap();
        let message = folder.read().unwrap_err().to_string();
        for part in ["copy.json", "movies.json", what] {
            assert!(message.contains(part), "{part} in {message}");
        }
    };
    check(&movies_json.replace("\"movies\"", "\"films\""), "the id \"pbc_1\"");
    check(&movies_json.replace("\"movies\"", "\"MOVIES\"").replace("pbc_1", "pbc_2"), "the name");
}

#[test]
fn a_folder_that_is_missing_is_told_with_what_to_do() {
    let (_dir, folder) = folder();
    let message = folder.read().unwrap_err().to_string();
    assert!(message.contains("backspin schema pull"), "{message}");
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let (_dir, folder) = folder();
    folder.write(&[movies()]).unwrap();
    let long = fs::File::create(folder.path().join("long.json")).unwrap();
    long.set_len(SCHEMA_FILE_BYTES_MAX + 1).unwrap();
    let message = folder.read().unwrap_err().to_string();
    assert!(message.contains("long.json has 2097153 bytes"), "{message}");
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_before_anything_is_written() {
    let (dir, folder) = folder();
    let long = "a".repeat(251);
    for name in ["../outside", "a/b", "", ".", "a b", "ä", long.as_str()] {
        let outside = backspin_schema::Collection { name: name.to_owned(), ..movies() };
        let message = folder.write(&[movies(), outside]).unwrap_err().to_string();
        assert!(message.contains("cannot be a file"), "{message}");
    }
    assert_eq!(files(dir.path()), Vec::<String>::new());
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_is_not_read() {
        let (dir, folder) = folder();
        folder.write(&[]).unwrap();
        let secret = dir.path().join("secret.json");
        fs::write(&secret, to_text(&movies()).unwrap()).unwrap();
        symlink(&secret, folder.path().join("movies.json")).unwrap();
        let message = folder.read().unwrap_err().to_string();
        assert!(message.contains("movies.json is a symbolic link"), "{message}");
    }

    #[test]
    fn a_link_is_replaced_and_what_it_leads_to_stays() {
        let (dir, folder) = folder();
        folder.write(&[]).unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "mine").unwrap();
        let link = folder.path().join("movies.json");
        symlink(&outside, &link).unwrap();
        folder.write(&[movies()]).unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(folder.read().unwrap(), [movies()]);
    }

    #[test]
    fn a_folder_that_is_a_link_is_neither_read_nor_written() {
        let (dir, folder) = folder();
        let elsewhere = dir.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, folder.path()).unwrap();
        assert!(folder.read().unwrap_err().to_string().contains("symbolic link"));
        assert!(folder.write(&[movies()]).unwrap_err().to_string().contains("symbolic link"));
        assert_eq!(files(&elsewhere), Vec::<String>::new());
    }

    #[test]
    fn a_folder_in_the_place_of_a_file_is_told() {
        let (_dir, folder) = folder();
        folder.write(&[]).unwrap();
        fs::create_dir(folder.path().join("movies.json")).unwrap();
        assert!(folder.read().unwrap_err().to_string().contains("movies.json is a special file"));
        assert!(folder.write(&[movies()]).unwrap_err().to_string().contains("movies.json cannot be written"));
    }

    #[test]
    fn others_may_read_the_files_as_any_source() {
        let (_dir, folder) = folder();
        folder.write(&[movies()]).unwrap();
        let mode = fs::metadata(folder.path().join("movies.json")).unwrap().permissions().mode();
        let usual = folder.path().join("usual");
        fs::write(&usual, "").unwrap();
        assert_eq!(mode, fs::metadata(usual).unwrap().permissions().mode());
    }
}
