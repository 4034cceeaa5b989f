use std::ffi::OsString;
use std::path::Path;

use expect_test::expect;

use super::*;

/// A manifest of variables in a folder of its own, with what surrounds it.
struct Application {
    folder: tempfile::TempDir,
    process: Vec<(&'static str, &'static str)>,
}

impl Application {
    fn new(variables: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!(
            r#"
spin_manifest_version = 2
application = {{ name = "test" }}
[variables]
{variables}
[[trigger.http]]
route = "/"
component = "api"
[component.api]
source = "api.wasm"
[component.api.variables]
greeting = "Hello {{{{ name }}}}!"
fixed = "fixed"
"#
        );
        std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
        Self { folder, process: Vec::new() }
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn resolve(&self, arguments: &[&str]) -> Result<Resolver, String> {
        let manifest = Manifest::load(self.folder.path()).unwrap();
        let arguments: Vec<VariableArgument> = arguments.iter().map(|text| text.parse().unwrap()).collect();
        let process = self.process.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let shown = format!("{}/", self.folder.path().display());
        Environment::read(process, self.folder.path())
            .and_then(|environment| Resolver::new(&manifest, &arguments, &environment))
            .map_err(|message| message.replace(&shown, ""))
    }

    fn greeting(&self, arguments: &[&str]) -> String {
        self.resolve(arguments).unwrap().component_variable("api", "greeting").unwrap().to_owned()
    }
}

#[test]
fn the_nearest_source_wins() {
    let mut application = Application::new("name = { default = \"default\" }");
    assert_eq!(application.greeting(&[]), "Hello default!");
    application.file(".env", "# a comment\nSPIN_VARIABLE_NAME='from file'\nOTHER=1\n");
    assert_eq!(application.greeting(&[]), "Hello from file!");
    application.process =
        vec![("SPIN_VARIABLE_NAME", "process"), ("SPIN_VARIABLE_OTHER", "x"), ("NAME", "no")];
    assert_eq!(application.greeting(&[]), "Hello process!");
    assert_eq!(application.greeting(&["name=flag"]), "Hello flag!");
    assert_eq!(application.greeting(&["name=first", "name=a=b"]), "Hello a=b!");
    assert_eq!(application.greeting(&["name="]), "Hello !");
}

#[test]
fn arguments_read_files() {
    let application = Application::new("name = { required = true }");
    application
        .file("name.txt", "text\n")
        .file("v.json", r#"{"name": "json", "other": "x"}"#)
        .file("v.toml", "name = \"toml\"");
    assert_eq!(application.greeting(&[&format!("name=@{}", application.path("name.txt"))]), "Hello text\n!");
    assert_eq!(application.greeting(&[&format!("@{}", application.path("v.json"))]), "Hello json!");
    assert_eq!(application.greeting(&[&format!("@{}", application.path("v.toml"))]), "Hello toml!");
}

#[test]
fn all_missing_variables_are_reported_at_once() {
    let application = Application::new(
        "name = { required = true }\nsmtp_host = { required = true }\nset = { default = \"\" }",
    );
    expect![[r#"
        these variables need a value:
          name: set SPIN_VARIABLE_NAME (in .env or the environment), or --variable name=…
          smtp_host: set SPIN_VARIABLE_SMTP_HOST (in .env or the environment), or --variable smtp_host=…"#]]
    .assert_eq(&application.resolve(&[]).unwrap_err());
}

#[test]
fn wrong_sources_are_refused_without_showing_values() {
    let application = Application::new("name = { default = \"\" }");
    expect!["--variable nmae=…: spin.toml declares no variable `nmae`"]
        .assert_eq(&application.resolve(&["nmae=hunter2"]).unwrap_err());
    application.file("bad.json", "{\"name\": hunter2}").file("bad.toml", "a = \"\"\nname = 2");
    let argument = format!("@{}", application.path("bad.json"));
    expect!["bad.json:1: not an object of texts"].assert_eq(&application.resolve(&[&argument]).unwrap_err());
    let argument = format!("@{}", application.path("bad.toml"));
    expect!["bad.toml:2: not a table of texts"].assert_eq(&application.resolve(&[&argument]).unwrap_err());
    let argument = format!("name=@{}", application.path("none.txt"));
    expect!["none.txt: cannot be read: No such file or directory (os error 2)"]
        .assert_eq(&application.resolve(&[&argument]).unwrap_err());
    application.file(".env", "GOOD=1\n\nSPIN_VARIABLE_NAME hunter2\n");
    expect![".env:3: not of the form NAME=VALUE"].assert_eq(&application.resolve(&[]).unwrap_err());
}

#[test]
fn arguments_have_four_forms() {
    for wrong in ["name", "@file.yaml", "@file", ""] {
        assert!(wrong.parse::<VariableArgument>().is_err(), "{wrong}");
    }
    assert_eq!(format!("{:?}", "token=hunter2".parse::<VariableArgument>().unwrap()), "token=(value)");
    assert_eq!(
        "a=@b.txt".parse(),
        Ok(VariableArgument::File { name: "a".into(), path: Path::new("b.txt").into() })
    );
    assert_eq!("@b.json".parse(), Ok(VariableArgument::Json(Path::new("b.json").into())));
}

#[test]
fn a_component_sees_only_its_own_variables() {
    let application =
        Application::new("name = { default = \"n\" }\nsecret_key = { default = \"hunter2\", secret = true }");
    let resolver = application.resolve(&[]).unwrap();
    assert_eq!(resolver.component_variable("api", "fixed"), Ok("fixed"));
    let undefined = |name: &str| VariableError::Undefined(format!("no variable for \"api\".{name:?}"));
    assert_eq!(resolver.component_variable("api", "secret_key"), Err(undefined("secret_key")));
    assert_eq!(resolver.component_variable("api", "name"), Err(undefined("name")));
    assert!(matches!(resolver.component_variable("other", "fixed"), Err(VariableError::Undefined(_))));
    for invalid in ["", "Greeting", "a-b", "a__b", "é"] {
        let found = resolver.component_variable("api", invalid);
        assert!(matches!(found, Err(VariableError::InvalidName(_))), "{invalid:?}: {found:?}");
    }
    assert_eq!(resolver.find("secret_key"), Some("hunter2"));
    assert!(!format!("{resolver:?}").contains("hunter2"));
}
