//! The folder in which the database is made: nothing is ever removed but what an import has made.

use std::fs;
use std::path::Path;

use backspin_import::ImportError;

use crate::folder::{Folder, import};

/// A folder with a note; the state folder with this file of the user in it.
fn with_own_file(path: &str) -> Folder {
    let folder = Folder::new();
    let file = folder.target().with_file_name(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "mine").unwrap();
    folder
}

#[track_caller]
fn is_still_there(folder: &Folder, path: &str) {
    assert_eq!(fs::read_to_string(folder.target().with_file_name(path)).unwrap(), "mine");
}

#[test]
fn folders_of_the_user_stay_whatever_becomes_of_the_import() {
    for path in ["import/customers.csv", "import/data.db", "import/2024/old/customers.csv"] {
        let folder = with_own_file(path);
        import(Path::new("/nowhere"), &folder.target(), false, &mut ()).unwrap_err();
        is_still_there(&folder, path);
        folder.import().unwrap();
        is_still_there(&folder, path);
    }
}

#[test]
fn a_folder_of_the_same_name_that_holds_something_else_is_refused_and_stays() {
    for path in [
        ".backspin-import~",
        ".backspin-import~/customers.csv",
        ".backspin-import~/data.db",
        ".backspin-import~/lock/customers.csv",
        ".backspin-import~/new.db/customers.csv",
    ] {
        let folder = with_own_file(path);
        let error = folder.import().unwrap_err();
        assert!(matches!(error, ImportError::InTheWay(_)), "{path}: {error}");
        assert!(error.to_string().contains("Move it elsewhere"), "{error}");
        is_still_there(&folder, path);
        assert!(!folder.target().exists());
    }
    // What an import may have left beside what it cannot have made.
    let folder = with_own_file(".backspin-import~/customers.csv");
    fs::write(folder.target().with_file_name(".backspin-import~/lock"), "").unwrap();
    assert!(matches!(folder.import().unwrap_err(), ImportError::InTheWay(_)));
    is_still_there(&folder, ".backspin-import~/customers.csv");
}

#[cfg(unix)]
#[test]
fn a_link_of_the_same_name_is_not_followed() {
    let folder = with_own_file("mine/data.db");
    let mine = folder.target().with_file_name("mine");
    std::os::unix::fs::symlink(&mine, folder.target().with_file_name(".backspin-import~")).unwrap();
    assert!(matches!(folder.import().unwrap_err(), ImportError::InTheWay(_)));
    is_still_there(&folder, "mine/data.db");
}

#[test]
fn a_source_that_is_none_makes_no_folder() {
    let folder = Folder::new();
    import(Path::new("/nowhere"), &folder.target(), false, &mut ()).unwrap_err();
    assert!(!folder.target().parent().unwrap().exists());
}

#[test]
fn an_empty_folder_of_the_same_name_is_what_a_killed_import_may_leave() {
    let folder = Folder::new();
    let work = folder.target().with_file_name(".backspin-import~");
    fs::create_dir_all(&work).unwrap();
    folder.import().unwrap();
    assert!(!work.exists());
}
