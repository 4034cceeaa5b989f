//! How a stream begins, goes on and ends.

use super::*;

const MINUTE_MS: i64 = 60_000;

#[test]
fn a_stream_begins_with_the_id_of_its_client() {
    let backend = Backend::new();
    let client = backend.connect();
    let id = client.id();
    assert!(id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    let expected = format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n");
    assert_eq!(backend.read_for(&client, 1000), expected);
}

#[test]
fn a_silent_stream_has_heartbeats_and_ends_after_five_minutes() {
    let backend = Backend::new();
    let client = backend.connect();
    let began = backend.app.env().now().unix_ms();
    let text = backend.read_for(&client, 60 * MINUTE_MS);
    let lasted = backend.app.env().now().unix_ms() - began;
    assert!((5 * MINUTE_MS..5 * MINUTE_MS + 1000).contains(&lasted), "{lasted}");
    let heartbeats = text.lines().filter(|line| *line == ":").count();
    assert!((15..=20).contains(&heartbeats), "{heartbeats} in {text}");
}

#[test]
fn a_client_that_has_gone_leaves_nothing_behind() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.read_for(&client, 20_000);
    assert_eq!(backend.land(client.id(), "c0de", ""), Landing::Failure);
    assert_eq!((backend.count("_realtimeClients"), backend.count("_realtimeMessages")), (0, 0));
}

#[test]
fn a_message_gives_the_stream_another_five_minutes() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.land(client.id(), "c0de", "");
    backend.app.env().advance_ms(4000);
    let began = backend.app.env().now().unix_ms();
    backend.read_for(&client, 60 * MINUTE_MS);
    let lasted = backend.app.env().now().unix_ms() - began;
    assert!(lasted >= 5 * MINUTE_MS, "{lasted}");
}

#[test]
fn a_stream_whose_client_is_no_longer_known_ends_soon() {
    let backend = Backend::new();
    let client = backend.connect();
    backend.sql(r#"DELETE FROM "_realtimeClients""#);
    let began = backend.app.env().now().unix_ms();
    backend.read_for(&client, 60 * MINUTE_MS);
    assert!(backend.app.env().now().unix_ms() - began <= 16_000);
}

#[test]
fn the_streams_of_an_instance_look_for_mail_together_and_without_writing() {
    let backend = Backend::new();
    let clients: Vec<Client> = (0..50).map(|_| backend.connect()).collect();
    backend.app.database().take();
    let began = backend.app.env().now().unix_ms();
    let bodies: Vec<_> = clients.iter().map(|_| backend.body(10_000)).collect();
    let streams = clients
        .iter()
        .zip(bodies)
        .map(|(client, (body, _))| stream(&backend.app, &backend.board, client, body));
    block_on(futures::future::join_all(streams));
    let statements = backend.app.database().take();
    let looks = statements.iter().filter(|sql| sql.contains("SELECT DISTINCT")).count() as i64;
    let lasted = backend.app.env().now().unix_ms() - began;
    assert!(looks > 1 && looks <= lasted / 100 + 1, "{looks} looks in {lasted} ms");
    let others = statements.iter().filter(|sql| !sql.contains("SELECT"));
    assert_eq!(
        others.count(),
        2 * clients.len(),
        "each is forgotten with two statements, and writes no other"
    );
}
