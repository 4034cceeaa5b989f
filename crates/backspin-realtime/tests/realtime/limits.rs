//! What keeps the tables small.

use super::*;
use backspin_core::limits::{REALTIME_CLIENTS_MAX, REALTIME_MESSAGE_MS_MAX, STREAM_IDLE_MS_MAX};

impl Backend {
    /// As many clients as there may be, until `ends`.
    fn fill(&self, ends: i64) {
        self.sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {REALTIME_CLIENTS_MAX})
             INSERT INTO \"_realtimeClients\" (\"key\", \"ends\") SELECT n, {ends} FROM numbers"
        ));
    }
}

#[test]
fn there_is_room_for_so_many_clients_and_no_more() {
    let backend = Backend::new();
    // Makes the tables.
    backend.connect();
    backend.sql(r#"DELETE FROM "_realtimeClients""#);
    let now = backend.app.env().now().unix_ms();
    backend.fill(now + 1);
    assert_eq!(block_on(connect(&backend.app)).unwrap_err().status(), 503);
    assert_eq!(backend.count("_realtimeClients"), REALTIME_CLIENTS_MAX);
    backend.app.env().advance_ms(1);
    backend.connect();
    assert!(
        backend.count("_realtimeClients") < REALTIME_CLIENTS_MAX,
        "some of those that have ended were removed"
    );
}

#[test]
fn clients_whose_stream_was_cut_off_are_forgotten_in_small_steps() {
    let backend = Backend::new();
    for _ in 0..50 {
        backend.waiting();
    }
    backend.app.env().advance_ms(STREAM_IDLE_MS_MAX + 60_000);
    let ended = backend.app.env().now().unix_ms();
    let left = || backend.sql(&format!("SELECT 1 FROM \"_realtimeClients\" WHERE \"ends\" <= {ended}")).len();
    assert_eq!(left(), 50);
    for _ in 0..200 {
        backend.connect();
    }
    assert_eq!(left(), 0);
}

#[test]
fn a_client_that_has_ended_is_unknown_before_it_is_removed() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.app.env().advance_ms(STREAM_IDLE_MS_MAX + 60_000);
    assert_eq!(backend.subscribe(&Caller::Guest, client.id(), &[]).unwrap_err().status(), 404);
    assert_eq!(backend.land(client.id(), "1", ""), Landing::Failure);
}

#[test]
fn a_message_that_nobody_takes_in_time_is_lost_and_removed() {
    let backend = Backend::new();
    let (client, gone) = (backend.waiting(), backend.waiting());
    backend.land(client.id(), "1", "");
    backend.land(gone.id(), "2", "");
    backend.app.env().advance_ms(REALTIME_MESSAGE_MS_MAX);
    assert_eq!(messages(&backend.read_for(&client, 5000)), []);
    for _ in 0..200 {
        backend.connect();
    }
    assert_eq!(backend.count("_realtimeMessages"), 0);
}

#[test]
fn more_mail_than_a_look_lists_is_delivered_all_the_same() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.sql(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
         INSERT INTO \"_realtimeMessages\" (\"client\", \"topic\", \"data\", \"ends\")
         SELECT '!' || n, '@oauth2', '{}', 9e15 FROM numbers",
    );
    backend.land(client.id(), "1", "");
    assert_eq!(messages(&backend.read_for(&client, 5000)).len(), 1);
}

#[test]
fn a_board_of_an_instance_with_another_clock_does_not_stop_it() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.app.env().advance_ms(1_000_000);
    let first = backend.connect();
    backend.read_for(&first, 1000);
    backend.app.env().advance_ms(-1_000_000);
    backend.land(client.id(), "1", "");
    assert_eq!(messages(&backend.read_for(&client, 5000)).len(), 1);
}
