use expect_test::expect;
use tempfile::TempDir;

use super::*;

/// An application of these `[component.ID]` bodies in a folder of its own.
fn application(components: &[(&str, &str)]) -> (TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "spin_manifest_version = 2\napplication = { name = \"test\" }\n".to_owned();
    for (id, build) in components {
        text.push_str(&format!(
            "[[trigger.http]]\nroute = \"/{id}\"\ncomponent = \"{id}\"\n[component.{id}]\nsource = \"{id}.wasm\"\n{build}\n"
        ));
    }
    std::fs::write(folder.path().join("spin.toml"), text).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap();
    (folder, manifest)
}

fn run(manifest: &Manifest) -> (Vec<String>, Result<(), BuildError>) {
    let mut lines = Vec::new();
    let result = build(manifest, &mut |line| lines.push(line.to_owned()));
    (lines, result)
}

#[test]
fn commands_run_once_each_in_order_and_in_their_folder() {
    let (folder, manifest) = application(&[
        ("a", "build = { command = \"echo a >> log\" }"),
        ("b", "build = { command = [\"echo a >> log\", \"echo b >> log\"] }"),
        ("c", "build = { command = \"echo a >> log\", workdir = \"inner\" }"),
        ("d", ""),
    ]);
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    let (lines, result) = run(&manifest);
    result.unwrap();
    let log = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!((log("log").as_str(), log("inner/log").as_str()), ("a\nb\n", "a\n"));
    expect![[r#"
        Building a with `echo a >> log`
        Building b with `echo b >> log`
        Building c with `echo a >> log`"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn the_first_failure_stops_with_its_status() {
    let (folder, manifest) = application(&[
        ("a", "build = { command = \"exit 7\" }"),
        ("b", "build = { command = \"echo b >> log\" }"),
    ]);
    let error = run(&manifest).1.unwrap_err();
    expect!["building a failed: `exit 7` ended with exit status: 7"].assert_eq(&error.to_string());
    assert_eq!(error.exit_code(), Some(7));
    assert!(!folder.path().join("log").exists());
}

#[test]
fn a_missing_folder_is_reported_before_anything_runs() {
    let (folder, manifest) = application(&[
        ("a", "build = { command = \"echo a >> log\" }"),
        ("b", "build = { command = \"true\", workdir = \"none\" }"),
    ]);
    let message =
        run(&manifest).1.unwrap_err().to_string().replace(&folder.path().display().to_string(), "DIR");
    expect!["DIR/spin.toml:14: `workdir` of b: there is no folder DIR/none"].assert_eq(&message);
    assert!(!folder.path().join("log").exists());
}

#[test]
fn an_application_without_commands_is_built() {
    let (_folder, manifest) = application(&[("a", "")]);
    let (lines, result) = run(&manifest);
    result.unwrap();
    assert_eq!(lines, ["No component has a build command."]);
}

#[test]
fn the_target_is_needed_where_it_is_named() {
    for (components, needed) in [
        ([("a", "build = { command = \"npm run build\" }")], false),
        ([("a", "build = { command = \"cargo build --target wasm32-wasip2\" }")], true),
        ([("a", "")], false),
    ] {
        let (_folder, manifest) = application(&components);
        assert_eq!(target::is_needed(&manifest, &steps(&manifest).unwrap()), needed, "{components:?}");
    }
}
