//! Which tokens are believed, in every request.

use backspin_tests::start;

const FOR_SUPERUSERS: &str = "/api/collections";

#[test]
fn a_token_counts_with_and_without_bearer() {
    let (_app, anon, root) = start();
    let token = root.token().unwrap();
    for authorization in [token.to_owned(), format!("Bearer {token}"), format!("bearer {token}")] {
        assert_eq!(anon.with_token(&authorization).get(FOR_SUPERUSERS).status, 200);
    }
}

#[test]
fn a_token_that_was_tampered_with_is_nobody() {
    let (_app, anon, root) = start();
    let token = root.token().unwrap();
    let parts = token.split('.').collect::<Vec<_>>();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    let without_signature = format!("{}.{}.", parts[0], parts[1]);
    let of_others = format!("{}.{}.{}", parts[0], parts[1], "A".repeat(parts[2].len()));
    for bad in
        ["", "a", "a.b.c", "..", "Bearer", unsigned.as_str(), &without_signature, &of_others, &token[1..]]
    {
        assert_eq!(anon.with_token(bad).get(FOR_SUPERUSERS).refused_with(401), [""; 0], "{bad}");
        assert_eq!(
            anon.with_token(bad).get("/api/health").status,
            200,
            "a bad token is a guest, not an error"
        );
    }
}

#[test]
fn a_token_of_another_server_is_nobody() {
    let (_app, anon, _root) = start();
    let (_other_app, _other_anon, other_root) = start();
    assert_eq!(anon.with_token(other_root.token().unwrap()).get(FOR_SUPERUSERS).refused_with(401), [""; 0]);
}
