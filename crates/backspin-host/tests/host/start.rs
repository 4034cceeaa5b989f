//! What keeps an application from starting, and what the user is told.

use std::path::Path;

use backspin_host::{Host, Options};
use tempfile::TempDir;

use crate::served::{guests, manifest, options, serve};

async fn failure(options: Options) -> String {
    match Host::prepare(options).await {
        Ok(_) => panic!("it starts"),
        Err(error) => format!("{error:#}"),
    }
}

fn folder(manifest: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("spin.toml"), manifest).expect("a manifest");
    folder
}

fn contains_all(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_manifest() {
    let folder = TempDir::new().unwrap();
    contains_all(&failure(options(folder.path())).await, &["spin.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_manifest_is_reported_with_its_line() {
    let folder = folder("spin_manifest_version = 2\n[application]\nname = \"a\"\nnonsense = 1\n");
    contains_all(&failure(options(folder.path())).await, &["spin.toml:4:", "nonsense"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port() {
    let app = serve("").await;
    let folder = folder(&manifest(""));
    let mut options = options(folder.path());
    options.listen = app.address;
    contains_all(&failure(options).await, &[&app.address.to_string(), "in use", "--listen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_not_built() {
    let manifest = manifest("").replace("guest_current.wasm", "not_built.wasm");
    let folder = folder(&manifest);
    contains_all(&failure(options(folder.path())).await, &["`current`", "not_built.wasm", "--build"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_component() {
    let folder = folder(&manifest(""));
    std::fs::write(folder.path().join("text.wasm"), "text").unwrap();
    let manifest = manifest("").replace(&format!("{}/guest_current.wasm", guests().display()), "text.wasm");
    std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
    contains_all(&failure(options(folder.path())).await, &["`current`", "text.wasm", "not a Wasm component"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_only_spin_provides() {
    let folder = folder(&manifest(""));
    let component = r#"(component (import "spin:postgres/postgres@4.2.0" (instance)))"#;
    std::fs::write(folder.path().join("postgres.wasm"), wat::parse_str(component).unwrap()).unwrap();
    let manifest =
        manifest("").replace(&format!("{}/guest_current.wasm", guests().display()), "postgres.wasm");
    std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
    contains_all(
        &failure(options(folder.path())).await,
        &["`current`", "spin:postgres/postgres@4.2.0", "`spin up` provides it"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_needs_a_runtime_configuration() {
    let folder = folder(&manifest(r#"sqlite_databases = ["other"]"#));
    contains_all(
        &failure(options(folder.path())).await,
        &["spin.toml:", "\"other\"", "--runtime-config-file"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_that_cannot_be_written() {
    let folder = folder(&manifest(r#"sqlite_databases = ["default"]"#));
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut options = options(folder.path());
    options.state_dir = Some(file.clone());
    contains_all(&failure(options).await, &[path(&file), "--state-dir"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_none() {
    let folder = folder(&manifest(r#"sqlite_databases = ["default"]"#));
    let state = folder.path().join(".spin");
    std::fs::create_dir(&state).unwrap();
    std::fs::write(state.join("sqlite_db.db"), "this is no database, whatever its name says".repeat(50))
        .unwrap();
    contains_all(&failure(options(folder.path())).await, &["sqlite_db.db"]);
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
