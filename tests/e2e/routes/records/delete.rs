//! `DELETE /api/collections/{collection}/records/{id}`

use backspin_tests::start;
use serde_json::json;

use super::{OPEN, POSTS, create_posts, path_of};

#[test]
fn a_record_is_gone_afterwards_and_others_stay() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    let other = root.post(POSTS, json!({"title": "b"})).ok();
    let reply = anon.delete(&path_of(&record));
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(anon.get(&path_of(&record)).refused_with(404), [""; 0]);
    assert_eq!(anon.delete(&path_of(&record)).refused_with(404), [""; 0]);
    assert_eq!(anon.get(&path_of(&other)).ok(), other);
}

#[test]
fn a_closed_rule_lets_only_superusers_delete() {
    let (_app, anon, root) = start();
    create_posts(&root, &["viewRule"]);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    assert_eq!(anon.delete(&path_of(&record)).refused_with(403), [""; 0]);
    assert_eq!(anon.get(&path_of(&record)).ok(), record);
    assert_eq!(root.delete(&path_of(&record)).status, 204);
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    for id in ["aaaaaaaaaaaaaaa", "a'%20OR%20'1'='1", "%25", "%00"] {
        assert_eq!(anon.delete(&format!("{POSTS}/{id}")).refused_with(404), [""; 0], "{id}");
    }
    assert_eq!(anon.get(&path_of(&record)).ok(), record);
}

#[test]
fn of_many_that_delete_one_record_one_is_told_so() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let path = path_of(&root.post(POSTS, json!({"title": "a"})).ok());
    let statuses = std::thread::scope(|scope| {
        let deleting = (0..8).map(|_| scope.spawn(|| anon.delete(&path).status));
        deleting.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 7, "{statuses:?}");
}
