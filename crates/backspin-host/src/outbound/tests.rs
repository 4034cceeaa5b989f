use expect_test::{Expect, expect};

use super::*;

fn hosts(entries: &[&str]) -> AllowedHosts {
    AllowedHosts { entries: entries.iter().map(|entry| AllowedHost::parse(entry).unwrap()).collect() }
}

/// Which of these URLs, written `scheme://host[:port]`, one entry allows.
#[track_caller]
fn check(entry: &str, allowed: &[&str], refused: &[&str]) {
    let hosts = hosts(&[entry]);
    for (urls, expected) in [(allowed, true), (refused, false)] {
        for text in urls {
            let url = url::Url::parse(text).unwrap();
            let host = url.host_str().unwrap();
            assert_eq!(hosts.allows(url.scheme(), host, url.port()), expected, "{text} by {entry}");
        }
    }
}

#[track_caller]
fn check_refused(entry: &str, expected: Expect) {
    expected.assert_eq(&AllowedHost::parse(entry).unwrap_err());
}

#[test]
fn a_named_host_is_allowed_on_its_port() {
    check(
        "https://example.com",
        &["https://example.com", "https://example.com:443", "https://EXAMPLE.com/a?b"],
        &["http://example.com", "https://example.com:8443", "https://a.example.com", "https://example.org"],
    );
    check("http://example.com/", &["http://example.com"], &["http://example.com:81"]);
    check(
        "http://localhost:3001",
        &["http://localhost:3001"],
        &["http://localhost", "http://127.0.0.1:3001"],
    );
    check("http://[::1]:8001", &["http://[::1]:8001"], &["http://[::2]:8001"]);
}

#[test]
fn sockets_are_allowed_by_address_and_never_for_listening() {
    use SocketAddrUse::{TcpBind, TcpConnect, TcpListen, UdpReceive, UdpSend};
    for (entry, address, purpose, is_allowed) in [
        ("tcp://192.0.2.1:587", "192.0.2.1:587", TcpConnect, true),
        ("tcp://192.0.2.1:587", "192.0.2.1:25", TcpConnect, false),
        ("tcp://192.0.2.1:587", "192.0.2.2:587", TcpConnect, false),
        ("tcp://192.0.2.1:587", "192.0.2.1:587", UdpSend, false),
        ("tcp://192.0.2.0/24:587", "192.0.2.9:587", TcpConnect, true),
        ("tcp://*:465..588", "192.0.2.9:587", TcpConnect, true),
        ("tcp://*:465..588", "[2001:db8::1]:465", TcpConnect, true),
        ("tcp://*:465..588", "192.0.2.9:588", TcpConnect, false),
        ("tcp://[2001:db8::1]:25", "[2001:db8::1]:25", TcpConnect, true),
        ("tcp://mail.example.com:587", "192.0.2.1:587", TcpConnect, false),
        ("udp://*:53", "192.0.2.1:53", UdpSend, true),
        ("udp://*:53", "192.0.2.1:54", UdpReceive, false),
        ("*://*:*", "192.0.2.1:1", TcpConnect, true),
        ("*://*:*", "192.0.2.1:1", TcpBind, false),
        ("*://*:*", "0.0.0.0:80", TcpBind, false),
        ("tcp://192.0.2.1:587", "0.0.0.0:0", TcpBind, true),
        ("*://*:*", "0.0.0.0:0", TcpListen, false),
        ("http://192.0.2.1", "192.0.2.1:80", TcpConnect, false),
    ] {
        let allowed = hosts(&[entry]).allows_socket(address.parse().unwrap(), purpose);
        assert_eq!(allowed, is_allowed, "{address} by {entry}");
    }
    assert!(hosts(&["tcp://*:25"]).opens_sockets() && hosts(&["*://a:1"]).opens_sockets());
    assert!(!hosts(&["http://*", "https://a.b"]).opens_sockets());
}

#[test]
fn each_part_can_be_open() {
    check("*://*:*", &["http://a", "https://b:1", "redis://c:6379"], &[]);
    check(
        "*://example.com:443",
        &["https://example.com", "redis://example.com:443"],
        &["http://example.com"],
    );
    check("https://*", &["https://a.b"], &["https://a.b:8443", "http://a.b"]);
    check("http://localhost:*", &["http://localhost:1", "http://localhost"], &["http://other:1"]);
    check("redis://cache", &["redis://cache", "redis://cache:6379"], &["redis://cache:6380"]);
}

#[test]
fn subdomains_do_not_include_the_domain() {
    check(
        "http://*.example.com",
        &["http://a.example.com", "http://a.b.example.com"],
        &["http://example.com", "http://myexample.com", "http://a.example.com.evil.org"],
    );
    check("http://*.spin.internal", &["http://api.spin.internal"], &["http://spin.internal"]);
}

#[test]
fn a_port_range_leaves_out_its_end() {
    check("http://h:80..90", &["http://h", "http://h:89"], &["http://h:79", "http://h:90"]);
}

#[test]
fn a_network_holds_its_addresses() {
    check(
        "http://10.1.2.3/8:80",
        &["http://10.0.0.0", "http://10.255.255.255"],
        &["http://11.0.0.1", "http://10.0.0.1:81", "http://10.example.com"],
    );
    check("*://127.0.0.0/24:63551", &["tcp://127.0.0.1:63551"], &["tcp://127.0.1.1:63551"]);
}

#[test]
fn only_self_and_any_host_allow_calls_to_the_application() {
    for (entry, scheme, expected) in [
        ("http://self", "http", true),
        ("http://self.alt", "http", true),
        ("http://self", "https", false),
        ("*://*:*", "http", true),
        ("http://localhost:3000", "http", false),
    ] {
        assert_eq!(hosts(&[entry]).allows_self(scheme), expected, "{entry} {scheme}");
    }
    assert!(!hosts(&["http://self"]).allows("http", "self", None));
}

#[test]
fn nothing_is_allowed_without_an_entry() {
    assert!(!hosts(&[]).allows("http", "localhost", Some(80)));
    assert!(!hosts(&[]).allows_self("http"));
}

#[test]
fn bad_entries_say_how_to_write_them() {
    check_refused(
        "*",
        expect![[
            r#""*" in `allowed_outbound_hosts`: write scheme://host[:port]; each can be `*`, and "*://*:*" opens the whole network"#
        ]],
    );
    check_refused(
        "insecure:allow-all",
        expect![[
            r#""insecure:allow-all" in `allowed_outbound_hosts`: write scheme://host[:port]; each can be `*`, and "*://*:*" opens the whole network"#
        ]],
    );
    check_refused(
        "example.com:80",
        expect![[
            r#""example.com:80" in `allowed_outbound_hosts`: the scheme is missing: write https://… or http://…"#
        ]],
    );
    check_refused(
        "://example.com",
        expect![[
            r#""://example.com" in `allowed_outbound_hosts`: the scheme is missing: write https://… or http://…"#
        ]],
    );
    check_refused(
        "h2c://example.com",
        expect![[
            r#""h2c://example.com" in `allowed_outbound_hosts`: the scheme "h2c" may only have letters"#
        ]],
    );
    check_refused(
        "https://example.com/a",
        expect![[r#""https://example.com/a" in `allowed_outbound_hosts`: it must not have a path"#]],
    );
    check_refused(
        "https://example.com:443/a",
        expect![[r#""https://example.com:443/a" in `allowed_outbound_hosts`: it must not have a path"#]],
    );
    check_refused("https://", expect![[r#""https://" in `allowed_outbound_hosts`: the host is missing"#]]);
    check_refused(
        "https://a.*.com",
        expect![[
            r#""https://a.*.com" in `allowed_outbound_hosts`: `*` can only stand for the whole host, or as `*.` in front of a domain"#
        ]],
    );
    check_refused(
        "https://*.*.com",
        expect![[
            r#""https://*.*.com" in `allowed_outbound_hosts`: `*` can only stand for the whole host, or as `*.` in front of a domain"#
        ]],
    );
    check_refused(
        "*://example.com",
        expect![[
            r#""*://example.com" in `allowed_outbound_hosts`: the port is missing, and the scheme "*" has none of its own: add :PORT or :*"#
        ]],
    );
    check_refused(
        "ftp://example.com",
        expect![[
            r#""ftp://example.com" in `allowed_outbound_hosts`: the port is missing, and the scheme "ftp" has none of its own: add :PORT or :*"#
        ]],
    );
    check_refused(
        "http://a:70000",
        expect![[
            r#""http://a:70000" in `allowed_outbound_hosts`: the port "70000" is not a number up to 65535"#
        ]],
    );
    check_refused(
        "http://a:1..b",
        expect![[r#""http://a:1..b" in `allowed_outbound_hosts`: the port "b" is not a number up to 65535"#]],
    );
    check_refused(
        "http://{a,b}",
        expect![[
            r#""http://{a,b}" in `allowed_outbound_hosts`: a list of hosts is not supported: write one entry each"#
        ]],
    );
}

#[test]
fn calls_between_components_are_recognised() {
    for (authority, expected) in [
        ("api.spin.internal", Some("api")),
        ("api.spin.internal:80", Some("api")),
        ("http://api.spin.internal", Some("api")),
        ("http://api.spin.internal/", Some("api")),
        ("http://*.spin.internal", None),
        ("spin.internal", None),
        ("a.b.spin.internal", None),
        ("api.spin.internal.example.com", None),
        ("localhost:3000", None),
    ] {
        assert_eq!(internal_component(authority), expected, "{authority}");
    }
}
