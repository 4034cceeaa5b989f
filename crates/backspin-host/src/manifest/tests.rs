use std::path::PathBuf;

use expect_test::{Expect, expect};

use super::*;

const HEAD: &str = "spin_manifest_version = 2\napplication = { name = \"test\" }\n";
const COMPONENT: &str = "[component.api]\nsource = \"api.wasm\"\n";
const TRIGGER: &str = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"api\"\n";

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(PathBuf::from("spin.toml"), PathBuf::from("/app"), text)
}

/// The message for a manifest that is refused.
#[track_caller]
fn check_refused(text: &str, expected: Expect) {
    match parse(text) {
        Ok(manifest) => panic!("accepted: {manifest:#?}"),
        Err(error) => expected.assert_eq(&error.to_string()),
    }
}

/// The message for `lines` added to a manifest of six lines that is right, inside `[component.api]`.
#[track_caller]
fn check_component(lines: &str, expected: Expect) {
    check_refused(&format!("{HEAD}{TRIGGER}{COMPONENT}{lines}\n"), expected);
}

/// The message for a `[[trigger.http]]` with these lines: the first is line 4.
#[track_caller]
fn check_trigger(lines: &str, expected: Expect) {
    check_refused(&format!("{HEAD}[[trigger.http]]\n{lines}\n{COMPONENT}"), expected);
}

#[test]
fn a_whole_manifest_is_read() {
    let manifest = parse(
        r#"
spin_manifest_version = 2

[application]
name = "shop"
version = "1.2.3"
description = "A shop"
authors = ["A <a@example.com>"]

[application.trigger.http]
base = "/"

[application.tool.anything]
goes = { here = 1 }

[variables]
host = { default = "example.com" }
token = { required = true, secret = true, description = "For the API" }

[[trigger.http]]
route = "/api/:name/..."
component = "api"
executor = { type = "http" }

[[trigger.http]]
id = "mail-trigger"
route = { private = true }
component = "mail"

[[trigger.http]]
route = "/robots.txt"
static_response = { status_code = 202, headers = { content-type = "text/plain" }, body = "no" }

[component.api]
description = "The API"
source = "target/api.wasm"
files = ["assets/**/*.png", { source = "public", destination = "/" }]
exclude_files = ["assets/private/*"]
environment = { MODE = "fast", A = "1" }
key_value_stores = ["default", "my_store"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["https://{{ host }}", "http://mail.spin.internal"]
[component.api.variables]
url = "https://{{ host }}/"
[component.api.build]
command = ["npm install", "npm run build"]
workdir = "api"
watch = ["src/**/*.js"]
[component.api.tool.wit]
any = true
[component.api.tool.backspin]
priority = "low"

[component.mail]
source = "mail.wasm"
build = { command = "make" }
"#,
    )
    .unwrap();
    assert_eq!(manifest.application.name, "shop");
    assert_eq!(manifest.variables.len(), 2);
    let triggers: Vec<_> = manifest.triggers.iter().map(|trigger| trigger.id.as_str()).collect();
    assert_eq!(triggers, ["api-http-trigger", "mail-trigger", "http-trigger1"]);
    assert_eq!(manifest.triggers[1].route, TriggerRoute::Private);
    let TriggerTarget::StaticResponse(response) = &manifest.triggers[2].target else { panic!("no response") };
    assert_eq!((response.status.as_u16(), &response.body[..]), (202, &b"no"[..]));
    assert_eq!(response.headers["content-type"], "text/plain");
    let api = manifest.find_component("api").unwrap();
    assert_eq!(api.source.at.line, 36);
    assert_eq!(manifest.resolve(&api.source.value), PathBuf::from("/app/target/api.wasm"));
    assert_eq!(api.environment, [("MODE".to_owned(), "fast".to_owned()), ("A".to_owned(), "1".to_owned())]);
    assert_eq!(api.files.len(), 2);
    assert_eq!(api.build.as_ref().unwrap().commands.len(), 2);
    assert_eq!(api.allowed_outbound_hosts[0].value.to_string(), "https://{{ host }}");
    let mail = manifest.find_component("mail").unwrap();
    assert_eq!(mail.build.as_ref().unwrap().commands[0].value, "make");
    assert_eq!(mail.build.as_ref().unwrap().workdir, None);
    assert_eq!((api.priority, mail.priority), (Priority::Low, Priority::Normal));
}

#[test]
fn inline_components_get_the_ids_that_spin_gives() {
    let manifest = parse(&format!(
        "{HEAD}
[[trigger.http]]
route = \"/a\"
component = {{ source = \"a.wasm\" }}
[[trigger.http]]
id = \"named\"
route = \"/b\"
component = {{ source = \"b.wasm\" }}
[[trigger.http]]
id = \"Not A Name\"
route = \"/c\"
component = {{ source = \"c.wasm\" }}
"
    ))
    .unwrap();
    let ids: Vec<_> = manifest.components.iter().map(|component| component.id.value.as_str()).collect();
    assert_eq!(ids, ["http-trigger1-component", "named-component", "inline-component1"]);
}

#[test]
fn components_without_a_trigger_are_found() {
    let manifest =
        parse(&format!("{HEAD}{TRIGGER}{COMPONENT}[component.spare]\nsource = \"b.wasm\"\n")).unwrap();
    let unused: Vec<_> = manifest.unused_components().map(|component| component.id.value.as_str()).collect();
    assert_eq!(unused, ["spare"]);
}

#[test]
fn secrets_are_not_printed() {
    let text = format!(
        "{HEAD}[variables]\ntoken = {{ default = \"hunter2\", secret = true }}\n{TRIGGER}{COMPONENT}"
    );
    let printed = format!("{:?}", parse(&text).unwrap());
    assert!(printed.contains("(secret)") && !printed.contains("hunter2"), "{printed}");
}

#[test]
fn syntax_errors_have_their_line() {
    check_refused(
        "a = 1\nb = \n",
        expect![[r#"spin.toml:2: not valid TOML: string values must be quoted, expected literal string"#]],
    );
    check_refused("a = 1\na = 2\n", expect![[r#"spin.toml:2: not valid TOML: duplicate key"#]]);
    let error = parse("a = 1\nb = \"ö\" \"\n").unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(2), Some(9)));
}

#[test]
fn other_versions_are_refused() {
    for text in [
        "spin_manifest_version = \"1\"\nname = \"old\"\n",
        "name = \"none\"\n",
        "spin_manifest_version = 3\n",
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.line(), Some(1), "{text}");
        assert!(error.message().starts_with("only manifest version 2 is supported"), "{error}");
    }
}

#[test]
fn unknown_fields_are_refused_by_name() {
    check_refused(
        &format!("{HEAD}{TRIGGER}{COMPONENT}[extra]\na = 1\n"),
        expect![[
            r#"spin.toml:8: unknown field `extra` in the manifest; its fields are spin_manifest_version, application, variables, trigger, component"#
        ]],
    );
    check_component(
        "sorce = \"b.wasm\"",
        expect![[
            r#"spin.toml:8: unknown field `sorce` in [component.api]; its fields are source, description, files, exclude_files, environment, variables, allowed_outbound_hosts, key_value_stores, sqlite_databases, build, tool"#
        ]],
    );
    check_component(
        "[component.api.build]\ncommand = \"make\"\nworkdirs = \"x\"",
        expect![[
            r#"spin.toml:10: unknown field `workdirs` in `build`; its fields are command, workdir, watch"#
        ]],
    );
    check_component(
        "[component.api.tool.backspin]\npriority = \"lowest\"",
        expect![[r#"spin.toml:9: the priority "lowest" is not known: write "normal" or "low""#]],
    );
    check_component(
        "[component.api.tool.backspin]\npriorities = 1",
        expect![[r#"spin.toml:9: unknown field `priorities` in `tool.backspin`; its fields are priority"#]],
    );
    check_trigger(
        "route = \"/\"\ncomponent = \"api\"\nmethod = \"GET\"",
        expect![[
            r#"spin.toml:6: unknown field `method` in [[trigger.http]]; its fields are route, component, static_response, id, executor"#
        ]],
    );
    check_refused(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\nlicense = \"MIT\"\n",
        expect![[
            r#"spin.toml:4: unknown field `license` in [application]; its fields are name, version, description, authors, trigger, tool"#
        ]],
    );
}

#[test]
fn what_only_spin_can_do_is_refused_by_name() {
    check_component(
        "ai_models = [\"llama2-chat\"]",
        expect![[
            r#"spin.toml:8: `ai_models` in [component.api] is not supported by this runtime: it runs no language models: use `spin up`, or call a model over HTTP"#
        ]],
    );
    check_component(
        "[component.api.dependencies]\n\"a:b\" = \"1.0.0\"",
        expect![[
            r#"spin.toml:8: `dependencies` in [component.api] is not supported by this runtime: compose the component when it is built (`wac plug`), or use `spin up`"#
        ]],
    );
    check_component(
        "targets = [\"spin-up:3.3\"]",
        expect![[
            r#"spin.toml:8: `targets` in [component.api] is not supported by this runtime: `spin build` checks the component against them; remove the field, or use Spin"#
        ]],
    );
    check_component(
        "allowed_http_hosts = []",
        expect![[
            r#"spin.toml:8: `allowed_http_hosts` in [component.api] is not supported by this runtime: it is deprecated: write full origins in `allowed_outbound_hosts`"#
        ]],
    );
    check_component(
        "[component.api.profile.debug.build]\ncommand = \"make\"",
        expect![[
            r#"spin.toml:8: `profile` in [component.api] is not supported by this runtime: it has one build profile: use the component's `build`, or `spin up --profile`"#
        ]],
    );
    check_refused(
        &format!(
            "{HEAD}{COMPONENT}[component.b]\nsource = {{ url = \"https://example.com/b.wasm\", digest = \"sha256:00\" }}\n{TRIGGER}"
        ),
        expect![[
            r#"spin.toml:6: `source` must be the path of a .wasm file: this runtime downloads no components; download it and name the file, or use `spin up`"#
        ]],
    );
    check_refused(
        &format!("{HEAD}{COMPONENT}[[trigger.redis]]\nchannel = \"a\"\ncomponent = \"api\"\n"),
        expect![[
            r#"spin.toml:5: [[trigger.redis]] is not supported by this runtime, which serves HTTP only: run this application with `spin up`"#
        ]],
    );
    check_refused(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\n[application.trigger.redis]\naddress = \"redis://a\"\n",
        expect![[
            r#"spin.toml:4: unknown field `redis` in [application.trigger]; its fields are http (the only trigger of this runtime)"#
        ]],
    );
    check_refused(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\ntrigger = { http = { base = \"/v1\" } }\n",
        expect![[r#"spin.toml:4: `base` is no longer supported: write it in front of each `route` instead"#]],
    );
    check_trigger(
        "route = \"/\"\ncomponent = \"api\"\nexecutor = { type = \"wagi\" }",
        expect![[r#"spin.toml:6: this runtime has only the executor { type = "http" }: remove the field"#]],
    );
    check_trigger(
        "route = \"/\"\ncomponents = { a = \"api\" }",
        expect![[
            r#"spin.toml:5: `components` in [[trigger.http]] is not supported by this runtime: name one component, as `component`"#
        ]],
    );
}

#[test]
fn a_trigger_needs_a_route_and_one_target() {
    check_trigger(
        "component = \"api\"",
        expect![[r#"spin.toml:3: [[trigger.http]] needs the field `route`"#]],
    );
    check_trigger(
        "route = \"/\"",
        expect![[r#"spin.toml:3: [[trigger.http]] needs a `component` or a `static_response`"#]],
    );
    check_trigger(
        "route = \"/\"\ncomponent = \"api\"\nstatic_response = {}",
        expect![[r#"spin.toml:6: a trigger has a `component` or a `static_response`, not both"#]],
    );
    check_trigger(
        "route = { private = true }\nstatic_response = {}",
        expect![[r#"spin.toml:5: a private `static_response` can never be reached: give it a route"#]],
    );
    check_trigger(
        "route = { private = false }\ncomponent = \"api\"",
        expect![[r#"spin.toml:4: `route` must be a path such as "/api/...", or { private = true }"#]],
    );
    check_trigger(
        "route = 1\ncomponent = \"api\"",
        expect![[r#"spin.toml:4: `route` in [[trigger.http]] must be a string, not an integer"#]],
    );
    check_trigger(
        "route = \"/\"\ncomponent = \"other\"",
        expect![[r#"spin.toml:5: there is no component `other`: add [component.other]"#]],
    );
    check_trigger(
        "route = \"/\"\nstatic_response = { status_code = 99 }",
        expect![[r#"spin.toml:5: `status_code` must be the number of a final answer, from 200 to 599"#]],
    );
    check_trigger(
        "route = \"/\"\nstatic_response = { headers = { \"a b\" = \"c\" } }",
        expect![[r#"spin.toml:5: the header `a b` has characters that HTTP does not allow"#]],
    );
    check_refused(
        &format!("{HEAD}{COMPONENT}"),
        expect![[r#"spin.toml:1: the manifest needs the field `trigger`"#]],
    );
    check_refused(
        &format!("{HEAD}trigger = {{ http = [] }}\n{COMPONENT}"),
        expect![[r#"spin.toml:1: there is no [[trigger.http]]: nothing would be served"#]],
    );
}

#[test]
fn a_variable_is_either_required_or_has_a_default() {
    let check = |line: &str, expected: Expect| {
        check_refused(&format!("{HEAD}[variables]\n{line}\n{TRIGGER}{COMPONENT}"), expected);
    };
    check(
        "a = {}",
        expect![[r#"spin.toml:4: the variable `a` needs either `default = "…"` or `required = true`"#]],
    );
    check(
        "a = { required = true, default = \"\" }",
        expect![[
            r#"spin.toml:4: the variable `a` has both `required = true` and a `default`: keep one of them"#
        ]],
    );
    check("a = \"b\"", expect![[r#"spin.toml:4: `a` in `variables` must be a table, not a string"#]]);
    check(
        "a = { default = 1 }",
        expect![[r#"spin.toml:4: `default` in the variable `a` must be a string, not an integer"#]],
    );
    check(
        "A = { default = \"\" }",
        expect![[
            r#"spin.toml:4: the variable name "A" is not valid: 'A' is not allowed: use lowercase letters, digits and underscores"#
        ]],
    );
    check(
        "a = { default = \"\", secrets = true }",
        expect![[
            r#"spin.toml:4: unknown field `secrets` in the variable `a`; its fields are default, required, secret, description"#
        ]],
    );
}

#[test]
fn values_of_a_component_are_checked() {
    check_refused(
        &format!("{HEAD}{TRIGGER}[component.api_2]\nsource = \"a.wasm\"\n"),
        expect![[
            r#"spin.toml:6: the component id "api_2" is not valid: '_' is not allowed: use letters, digits and `-` between words"#
        ]],
    );
    check_refused(
        &format!("{HEAD}{TRIGGER}[component.api]\n"),
        expect![[r#"spin.toml:6: [component.api] needs the field `source`"#]],
    );
    check_component(
        "files = \"a\"",
        expect![[r#"spin.toml:8: `files` in [component.api] must be a list, not a string"#]],
    );
    check_component(
        "files = [\"a\", { source = \"a\" }]",
        expect![[r#"spin.toml:8: an entry of `files` needs the field `destination`"#]],
    );
    check_component(
        "files = [{ source = \"a\", destination = \"b\" }]",
        expect![[r#"spin.toml:8: `destination` must be an absolute path without `..`, not "b""#]],
    );
    check_component(
        "files = [\n  \"..\",\n]",
        expect![[
            r#"spin.toml:9: the file pattern ".." ends in a folder: write { source = "..", destination = "/" }"#
        ]],
    );
    check_component(
        "sqlite_databases = [\"a b\"]",
        expect![[
            r#"spin.toml:8: the store label "a b" is not valid: ' ' is not allowed: use letters, digits and `-` between words"#
        ]],
    );
    check_component(
        "variables = { url = \"{{ host\" }",
        expect![[r#"spin.toml:8: `{{` has no `}}`: write a variable as {{ name }}"#]],
    );
    check_component(
        "variables = { url = \"{{ host }}\" }",
        expect![[r#"spin.toml:8: there is no variable `host`: declare it in [variables]"#]],
    );
    check_component(
        "build = { command = \"make\", workdir = \"/tmp\" }",
        expect![[r#"spin.toml:8: `workdir` must be relative to the manifest's folder"#]],
    );
    check_component(
        "allowed_outbound_hosts = [\n  \"https://example.com\",\n  \"example.com\",\n]",
        expect![[
            r#"spin.toml:10: "example.com" in `allowed_outbound_hosts`: the scheme is missing: write https://… or http://…"#
        ]],
    );
    check_component(
        "allowed_outbound_hosts = [\"http://other.spin.internal\"]",
        expect![[r#"spin.toml:8: there is no component `other` to call"#]],
    );
    check_component(
        "allowed_outbound_hosts = [\"http://mail.spin.internal\"]\n[component.mail]\nsource = \"mail.wasm\"",
        expect![[
            r#"spin.toml:8: the component `mail` has no trigger, so it cannot be called: add [[trigger.http]] with route = { private = true } and component = "mail""#
        ]],
    );
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &Path| {
        let shown = folder.path().display().to_string();
        Manifest::load(path).unwrap_err().to_string().replace(&shown, "DIR")
    };
    expect![[r#"DIR/spin.toml: there is no such file: run in the folder of your spin.toml, or name it with `--from PATH`"#]]
        .assert_eq(&message(folder.path()));
    let file = folder.path().join("latin.toml");
    std::fs::write(&file, b"name = \"\xe9\"").unwrap();
    expect![[r#"DIR/latin.toml: it is not UTF-8 text"#]].assert_eq(&message(&file));
    std::fs::write(&file, vec![b'#'; MANIFEST_BYTES_MAX as usize + 1]).unwrap();
    expect![[r#"DIR/latin.toml: it is larger than 1048576 bytes, the most that a manifest can be"#]]
        .assert_eq(&message(&file));
}

#[test]
fn paths_are_relative_to_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spin.toml"), format!("{HEAD}{TRIGGER}{COMPONENT}")).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap();
    assert_eq!(manifest.folder, folder.path());
    assert_eq!(manifest.file, folder.path().join("spin.toml"));
}
