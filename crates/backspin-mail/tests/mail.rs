//! Templates and the outbox on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_core::{Database, Env, Error, Result, Value};
use backspin_mail::outbox::{
    MESSAGES_MAX, TRIES_MAX, claim, delivered, failed, give_up_expired, list, prune, waiting,
};
use backspin_mail::{Message, Values, enqueue, enqueue_if, enqueue_in, render};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_schema::collection::EmailTemplate;
use backspin_schema::{App, AuthRecord, Caller, Page, SUPERUSERS_ID};
use backspin_settings::Settings;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;

type TestApp = App<Native<NativeDatabase, FixedEnv>>;

fn app_in(folder: &tempfile::TempDir) -> TestApp {
    let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
    App::new(Native { database, env: FixedEnv::new() })
}

fn app() -> (tempfile::TempDir, TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder);
    block_on(app.snapshot()).unwrap();
    (folder, app)
}

fn message(to: &str) -> Message {
    Message::new(to, "Hello", r#"<a href="http://app/?a=1&amp;b=2">x</a>"#).unwrap()
}

fn superuser() -> Caller {
    Caller::Record(AuthRecord {
        collection_id: SUPERUSERS_ID.to_owned(),
        collection_name: "_superusers".to_owned(),
        fields: Vec::new(),
    })
}

async fn listed(app: &TestApp) -> Json {
    let page = Page::parse(None, None, None).unwrap();
    serde_json::from_slice(&list(app, &superuser(), page).await.unwrap()).unwrap()
}

#[test]
fn placeholders_are_filled_once_and_escaped_in_the_body() {
    let (_folder, app) = app();
    let snapshot = block_on(app.snapshot()).unwrap();
    let users = snapshot.find("users").unwrap();
    let fields = [("name", "<b>{TOKEN}&\"'</b>\r\nBcc: x"), ("tokenKey", "k3y"), ("email", "u@x.co")];
    let record = AuthRecord {
        collection_id: users.id.clone(),
        collection_name: users.name.clone(),
        fields: fields.map(|(name, value)| (name.to_owned(), Value::from(value))).into(),
    };
    let mut settings = Settings::default();
    settings.meta.app_name = "A<b>".to_owned();
    settings.meta.app_url = "https://app.example.com/x/".to_owned();
    let template = EmailTemplate {
        subject: "{APP_NAME}: {RECORD:name} {RECORD:tokenKey}".to_owned(),
        body:
            "<html>{APP_NAME} {APP_URL}/_/{TOKEN} {RECORD:name} {RECORD:email} {RECORD:tokenKey} {RECORD:no} \
               {OTP} { {x} {"
                .to_owned(),
    };
    let values = Values { token: Some("t0ken"), record: Some((users, &record)), ..Values::default() };
    let message = render(&template, "u@x.co", &settings, &values).unwrap();
    assert_eq!(message.subject(), "A<b>: <b>{TOKEN}&\"'</b> Bcc: x {RECORD:tokenKey}");
    assert_eq!(
        message.html(),
        "<html>A&lt;b&gt; https://app.example.com/x/_/t0ken &lt;b&gt;{TOKEN}&amp;&#34;&#39;&lt;/b&gt;\r\nBcc: x \
         u@x.co {RECORD:tokenKey} {RECORD:no} {OTP} { {x} {"
    );
}

#[test]
fn what_an_account_holds_makes_no_mail_that_cannot_be_sent() {
    let (_folder, app) = app();
    let snapshot = block_on(app.snapshot()).unwrap();
    let users = snapshot.find("users").unwrap();
    let record = AuthRecord {
        collection_id: users.id.clone(),
        collection_name: users.name.clone(),
        fields: vec![("name".to_owned(), format!("x{}", "ü<".repeat(400_000)).into())],
    };
    let template = EmailTemplate { subject: String::new(), body: "<html>{RECORD:name}|{TOKEN}".to_owned() };
    let values = Values { token: Some("t0ken"), record: Some((users, &record)), ..Values::default() };
    let message = render(&template, "u@x.co", &Settings::default(), &values).unwrap();
    let whole = format!("<html>x{}|t0ken", "ü&lt;".repeat(4095 / 3));
    assert_eq!(message.html(), whole);
}

#[test]
fn a_template_without_a_page_gets_one() {
    let template = EmailTemplate { subject: String::new(), body: "<p>{OTP}</p>".to_owned() };
    let values = Values { otp: Some("123456"), ..Values::default() };
    let message = render(&template, "a@b.co", &Settings::default(), &values).unwrap();
    assert!(message.html().starts_with("<!DOCTYPE html>") && message.html().contains("<p>123456</p>"));
}

#[test]
fn the_outbox_is_made_with_its_first_message_and_lists_it_for_superusers() {
    let (_folder, app) = app();
    block_on(enqueue(&app, &message("a@b.co"))).unwrap();
    assert_eq!(app.env().woken(), ["mail"]);
    let listed = block_on(listed(&app));
    assert_eq!(listed["totalItems"], 1);
    let item = &listed["items"][0];
    assert_eq!(
        (&item["to"], &item["subject"], &item["state"]),
        (&json!("a@b.co"), &json!("Hello"), &json!("waiting"))
    );
    assert_eq!(item["links"], json!(["http://app/?a=1&b=2"]));
    let page = Page::parse(None, None, None).unwrap();
    assert_eq!(block_on(backspin_mail::outbox::list(&app, &Caller::Guest, page)).unwrap_err().status(), 401);
}

#[test]
fn without_the_condition_nothing_is_kept_and_the_waking_is_the_same() {
    let (_folder, app) = app();
    block_on(enqueue_if(&app, &message("a@b.co"), false)).unwrap();
    assert_eq!(block_on(listed(&app))["items"], json!([]));
    assert_eq!(app.env().woken(), ["mail"]);
}

#[test]
fn a_message_goes_with_its_transaction() {
    let (_folder, app) = app();
    block_on(async {
        let failed: Result<()> = app
            .database()
            .transact(async |transaction| {
                enqueue_in(transaction, app.env(), &message("a@b.co")).await?;
                Err(Error::not_found())
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(listed(&app).await["totalItems"], 0);
        let work = async |transaction: &_| enqueue_in(transaction, app.env(), &message("c@d.co")).await;
        app.database().transact(work).await.unwrap();
        assert_eq!(listed(&app).await["totalItems"], 1);
    });
}

#[test]
fn what_one_has_taken_nobody_else_gets_until_the_lease_is_over() {
    let (folder, app) = app();
    let other = app_in(&folder);
    block_on(async {
        enqueue(&app, &message("a@b.co")).await.unwrap();
        let taken = claim(&app).await.unwrap();
        assert_eq!((taken.len(), taken[0].tries), (1, 1));
        assert!(claim(&other).await.unwrap().is_empty());
        // The first one died: the second gets the message once the lease is over.
        other.env().advance_ms(HOUR_MS);
        let again = claim(&other).await.unwrap();
        assert_eq!((again[0].id.as_str(), again[0].tries), (taken[0].id.as_str(), 2));
        delivered(&other, &again[0].id).await.unwrap();
        assert_eq!(waiting(&other).await.unwrap(), None);
    });
}

#[test]
fn a_message_that_fails_is_tried_again_ever_later_and_given_up_in_the_end() {
    let (_folder, app) = app();
    block_on(async {
        enqueue(&app, &message("a@b.co")).await.unwrap();
        let mut pauses = Vec::new();
        for _ in 1..TRIES_MAX {
            let taken = claim(&app).await.unwrap();
            failed(&app, &taken[0], "no answer", false).await.unwrap();
            let (count, pause_ms) = waiting(&app).await.unwrap().unwrap();
            assert_eq!(count, 1);
            app.env().advance_ms(pause_ms - 1);
            assert!(claim(&app).await.unwrap().is_empty());
            app.env().advance_ms(1);
            pauses.push(pause_ms / SECOND_MS);
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3840, 7680]);
        let taken = claim(&app).await.unwrap();
        failed(&app, &taken[0], "no answer", false).await.unwrap();
        app.env().advance_ms(10 * HOUR_MS);
        assert!(claim(&app).await.unwrap().is_empty());
        let item = &listed(&app).await["items"][0];
        assert_eq!((&item["state"], &item["error"]), (&json!("failed"), &json!("no answer")));
    });
}

#[test]
fn a_final_failure_is_not_tried_again_and_everything_is_deleted_in_the_end() {
    let (_folder, app) = app();
    block_on(async {
        enqueue(&app, &message("a@b.co")).await.unwrap();
        let taken = claim(&app).await.unwrap();
        failed(&app, &taken[0], "550 no such user", true).await.unwrap();
        app.env().advance_ms(6 * 24 * HOUR_MS);
        assert!(claim(&app).await.unwrap().is_empty());
        prune(&app).await.unwrap();
        assert_eq!(listed(&app).await["totalItems"], 1);
        app.env().advance_ms(25 * HOUR_MS);
        prune(&app).await.unwrap();
        assert_eq!(listed(&app).await["totalItems"], 0);
    });
}

/// A mail with a one-time password of the collection `users`, good for three minutes.
fn mail_with_code(app: &TestApp) -> Message {
    let snapshot = block_on(app.snapshot()).unwrap();
    let users = snapshot.find("users").unwrap();
    let record = AuthRecord {
        collection_id: users.id.clone(),
        collection_name: users.name.clone(),
        fields: Vec::new(),
    };
    let options = users.auth().unwrap();
    assert_eq!(options.otp.duration, 180);
    let values = Values { otp: Some("123456"), record: Some((users, &record)), ..Values::default() };
    render(&options.otp.email_template, "code@b.co", &Settings::default(), &values).unwrap()
}

#[test]
fn what_is_over_before_it_could_be_sent_is_given_up() {
    let (_folder, app) = app();
    let code = mail_with_code(&app);
    // The claims are `{"exp":1767323145}`: in 100 seconds.
    let token = format!("e30.{}.c2ln", "eyJleHAiOjE3NjczMjMxNDV9");
    let template = EmailTemplate { subject: String::new(), body: "{TOKEN}".to_owned() };
    let values = Values { token: Some(&token), ..Values::default() };
    let link = render(&template, "link@b.co", &Settings::default(), &values).unwrap();
    let lasting = message("lasting@b.co");
    block_on(async {
        assert_eq!(app.env().now().unix_seconds(), 1_767_323_045);
        for message in [&code, &link, &lasting] {
            enqueue(&app, message).await.unwrap();
        }
        for (pass_ms, left) in [
            (99 * SECOND_MS, ["code@b.co", "lasting@b.co", "link@b.co"].as_slice()),
            (SECOND_MS, &["code@b.co", "lasting@b.co"]),
            (80 * SECOND_MS, &["lasting@b.co"]),
        ] {
            app.env().advance_ms(pass_ms);
            give_up_expired(&app).await.unwrap();
            let listed = listed(&app).await;
            let items = listed["items"].as_array().unwrap().iter();
            let waiting = items.filter(|item| item["state"] == "waiting").map(|item| item["to"].as_str());
            let mut waiting: Vec<&str> = waiting.flatten().collect();
            waiting.sort_unstable();
            assert_eq!(waiting, left);
        }
        assert_eq!(listed(&app).await["totalItems"], 3, "superusers can see what became of them");
        let taken = claim(&app).await.unwrap();
        assert_eq!((taken.len(), taken[0].message.to()), (1, "lasting@b.co"));
    });
}

#[test]
fn what_is_over_is_not_taken_even_before_it_is_given_up() {
    let (_folder, app) = app();
    let code = mail_with_code(&app);
    block_on(async {
        enqueue(&app, &code).await.unwrap();
        app.env().advance_ms(HOUR_MS);
        assert!(claim(&app).await.unwrap().is_empty());
    });
}

#[test]
fn an_outbox_of_before_mails_had_an_end_goes_on() {
    let (_folder, app) = app();
    let code = mail_with_code(&app);
    let as_before = async || {
        for sql in [
            r#"DROP TABLE IF EXISTS "_outbox""#,
            r#"CREATE TABLE "_outbox" ("id" TEXT PRIMARY KEY NOT NULL, "to" TEXT NOT NULL, "subject" TEXT NOT NULL,
               "html" TEXT NOT NULL, "created" TEXT NOT NULL, "due" TEXT NOT NULL,
               "tries" INTEGER NOT NULL DEFAULT 0, "failed" BOOLEAN NOT NULL DEFAULT FALSE,
               "error" TEXT NOT NULL DEFAULT '')"#,
            r#"INSERT INTO "_outbox" ("id", "to", "subject", "html", "created", "due")
               VALUES ('1', 'a@b.co', '', '', '2026-01-01 00:00:00.000Z', '2026-01-01 00:00:00.000Z')"#,
        ] {
            app.database().execute(sql, Vec::new()).await.unwrap();
        }
    };
    block_on(async {
        as_before().await;
        give_up_expired(&app).await.unwrap();
        assert_eq!(claim(&app).await.unwrap().len(), 1);
        as_before().await;
        let work = async |transaction: &_| enqueue_in(transaction, app.env(), &code).await;
        app.database().transact(work).await.unwrap();
        assert_eq!(listed(&app).await["totalItems"], 2);
    });
}

#[test]
fn a_flood_does_not_grow_the_outbox_without_end() {
    let (_folder, app) = app();
    block_on(async {
        enqueue(&app, &message("given-up@b.co")).await.unwrap();
        let taken = claim(&app).await.unwrap();
        failed(&app, &taken[0], "550 no such user", true).await.unwrap();
        let flood = r#"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
            INSERT INTO "_outbox" ("id", "to", "subject", "html", "created", "due")
            SELECT i, 'a@b.co', '', '', ?2, ?2 FROM n"#;
        let now = app.env().now().to_string();
        app.database().execute(flood, vec![MESSAGES_MAX.into(), now.into()]).await.unwrap();
        prune(&app).await.unwrap();
        assert_eq!(waiting(&app).await.unwrap().unwrap().0, MESSAGES_MAX);
        assert_eq!(listed(&app).await["totalItems"], MESSAGES_MAX, "what was given up has made room");
    });
}
