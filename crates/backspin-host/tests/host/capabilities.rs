//! Each capability, granted and denied, for both generations of components.

use crate::served::{encode, serve, serve_with};

const SELECT: &str = "SELECT 1 AS one, 'zwei' AS two, 2.5, x'0aff', NULL";

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_when_granted() {
    let app = serve(r#"sqlite_databases = ["default"]"#).await;
    for prefix in ["", "/classic"] {
        let path = format!("{prefix}/sqlite?database=default&sql={}", encode(SELECT));
        assert_eq!(app.text(&path).await, "one|two|2.5|x'0aff'|NULL\n1|zwei|2.5|[a, ff]|NULL");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_denied_without_the_grant() {
    let app = serve("").await;
    for prefix in ["", "/classic"] {
        let text = app.text(&format!("{prefix}/sqlite?database=default&sql=SELECT+1")).await;
        assert!(text.starts_with("error: ") && text.contains("AccessDenied"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_errors_carry_the_text_of_sqlite() {
    let app = serve(r#"sqlite_databases = ["default"]"#).await;
    for prefix in ["", "/classic"] {
        let text = app.text(&format!("{prefix}/sqlite?database=default&sql=SELECT+absent")).await;
        assert!(text.contains("no such column: absent"), "{text}");
    }
    app.text("/sqlite?database=default&sql=CREATE+TABLE+t+(a+UNIQUE)").await;
    app.text("/sqlite?database=default&sql=INSERT+INTO+t+VALUES+(1)").await;
    let text = app.text("/sqlite?database=default&sql=INSERT+INTO+t+VALUES+(1)").await;
    assert!(text.contains("UNIQUE constraint failed: t.a"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_committed_rolled_back_or_abandoned() {
    let app = serve(r#"sqlite_databases = ["default"]"#).await;
    assert_eq!(app.text("/transaction?end=COMMIT").await, "COUNT(*)\n1");
    assert_eq!(app.text("/transaction?end=ROLLBACK").await, "COUNT(*)\n1");
    assert_eq!(app.text("/transaction?end=drop").await, "COUNT(*)\n1");
    app.wait_for_log("rolled back").await;
    assert_eq!(app.text("/transaction?end=COMMIT").await, "COUNT(*)\n2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_is_taken_over() {
    let first = serve(r#"sqlite_databases = ["default"]"#).await;
    first.text("/transaction?end=COMMIT").await;
    let state = tempfile::TempDir::new().unwrap();
    let folder = first.folder.path().join(".spin");
    assert!(folder.join("sqlite_db.db").is_file());
    for file in std::fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            std::fs::copy(&file, state.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    first.stop().await.unwrap();
    let second = serve_with(r#"sqlite_databases = ["default"]"#, |options| {
        options.state_dir = Some(state.path().to_owned());
    })
    .await;
    assert_eq!(second.text("/transaction?end=COMMIT").await, "COUNT(*)\n2");
}

#[tokio::test(flavor = "multi_thread")]
async fn key_value_when_granted() {
    let app = serve(r#"key_value_stores = ["default"]"#).await;
    for prefix in ["", "/classic"] {
        let text = app.text(&format!("{prefix}/key-value?store=default&key=k&value=v")).await;
        assert_eq!(text, r#"false Some("v") ["k"] false"#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_value_is_denied_without_the_grant() {
    let app = serve("").await;
    for prefix in ["", "/classic"] {
        let text = app.text(&format!("{prefix}/key-value?store=default&key=k&value=v")).await;
        assert!(text.starts_with("error: ") && text.contains("AccessDenied"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_of_the_component_only() {
    let app = serve(r#"variables = { message = "{{ greeting }}, world" }"#).await;
    for prefix in ["", "/classic"] {
        assert_eq!(app.text(&format!("{prefix}/variable?name=message")).await, "hello, world");
        let undefined = app.text(&format!("{prefix}/variable?name=greeting")).await;
        assert!(undefined.contains("Undefined"), "{undefined}");
        let invalid = app.text(&format!("{prefix}/variable?name=No+Name")).await;
        assert!(invalid.contains("InvalidName"), "{invalid}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_is_set_by_hand() {
    let app = serve_with(r#"variables = { message = "{{ greeting }}" }"#, |options| {
        options.variables = vec!["greeting=moin".parse().unwrap()];
    })
    .await;
    assert_eq!(app.text("/variable?name=message").await, "moin");
}

#[tokio::test(flavor = "multi_thread")]
async fn environment_of_the_manifest_only() {
    let app = serve(r#"environment = { COLOUR = "blue" }"#).await;
    assert_eq!(app.text("/environment?name=COLOUR").await, "blue");
    assert!(app.text("/environment?name=PATH").await.starts_with("error: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_only() {
    let source = env!("CARGO_MANIFEST_DIR");
    let app = serve(&format!(r#"files = [{{ source = "{source}/wit", destination = "/wit" }}]"#)).await;
    assert!(app.text("/file?name=/wit/world.wit").await.contains("world platform"));
    assert!(app.text("/file?name=/etc/passwd").await.starts_with("error: "));
    assert!(app.text("/file?name=/wit/../Cargo.toml").await.starts_with("error: "));
    assert!(app.text("/write-file?name=/wit/new").await.starts_with("error: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_goes_to_the_log_with_the_name() {
    let app = serve("").await;
    app.text("/print?text=hi").await;
    assert_eq!(app.wait_for_log("out:").await, "current: out: hi");
    assert_eq!(app.wait_for_log("err:").await, "current: err: hi");
}
