//! `backspin build` and `--build`.

use std::os::unix::fs::PermissionsExt;

use crate::process::{Ended, Folder};

/// An application whose component is built by this command, or TOML list of commands.
fn application(command: &str) -> Folder {
    Folder::new(&format!(
        "[[trigger.http]]\nroute = \"/\"\ncomponent = \"api\"\n\
         [component.api]\nsource = \"api.wasm\"\nbuild = {{ command = {command} }}\n"
    ))
}

/// Puts a script in the place of a program.
fn program(tools: &Folder, name: &str, script: &str) {
    tools.write(name, &format!("#!/bin/sh\n{script}\n"));
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(tools.path().join(name), executable).unwrap();
}

/// Builds with the programs in `tools` found before those of `path`.
fn build_with(folder: &Folder, tools: &Folder, path: &str) -> Ended {
    folder.backspin("build").env("PATH", format!("{}:{path}", tools.path().display())).run()
}

#[test]
fn commands_run_and_show_their_output() {
    let folder = application("[\"echo made > api.wasm\", \"cat api.wasm\"]");
    let ended = folder.backspin("build").run();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "made\n"));
    assert_eq!(ended.stderr, "Building api with `echo made > api.wasm`\nBuilding api with `cat api.wasm`\n");
}

#[test]
fn a_command_that_fails_ends_the_program_with_its_code() {
    for command in ["build", "up --build --listen 127.0.0.1:0"] {
        let ended = application("\"echo no such thing >&2; exit 7\"").backspin(command).run();
        assert_eq!(ended.code, Some(7), "{}", ended.stderr);
        assert!(ended.stderr.contains("\nno such thing\nerror: building api failed: "), "{}", ended.stderr);
    }
}

#[test]
fn up_builds_before_it_serves() {
    let folder = application("\"echo broken > api.wasm\"");
    let ended = folder.backspin("up --listen 127.0.0.1:0").env("SPIN_ALWAYS_BUILD", "1").run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("api.wasm is not a Wasm component"), "{}", ended.stderr);
}

#[test]
fn a_missing_target_is_installed_once() {
    let folder = application("\"true wasm32-wasip2\"");
    let tools = Folder::empty();
    let path = tools.path().display();
    program(&tools, "rustc", &format!("echo {path}/lib"));
    let install = format!("cd {path}; echo \"$@\" >> asked; mkdir -p lib; touch lib/libstd-1.rlib");
    program(&tools, "rustup", &install);
    let first = build_with(&folder, &tools, "/usr/bin:/bin");
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stderr.starts_with("Installing the Rust target wasm32-wasip2"), "{}", first.stderr);
    let second = build_with(&folder, &tools, "/usr/bin:/bin");
    assert_eq!((second.code, second.stderr.contains("Installing")), (Some(0), false), "{}", second.stderr);
    assert_eq!(tools.read("asked"), "target add wasm32-wasip2\n");
}

#[test]
fn a_target_that_cannot_be_installed_says_what_to_do() {
    let folder = application("\"true wasm32-wasip2\"");
    let tools = Folder::empty();
    let check = |path: &str, message: &str| {
        let ended = build_with(&folder, &tools, path);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains(message), "{message} in {}", ended.stderr);
    };
    check("", "`rustc` is not installed: get Rust from https://rustup.rs");
    program(&tools, "rustc", "echo /nowhere");
    check("", "`rustup` is not installed: get it from https://rustup.rs");
    program(&tools, "rustup", "echo offline >&2; exit 3");
    check("", "offline\nerror: the Rust target wasm32-wasip2 is missing and could not be installed: ");
    check("", "`rustup target add wasm32-wasip2` ended with exit status: 3");
}
