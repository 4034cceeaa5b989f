//! The stores by themselves, and on a file as Spin leaves it.

use super::{KeyValue, Options};

async fn open(folder: &tempfile::TempDir) -> KeyValue {
    KeyValue::open(folder.path().join(".spin/sqlite_key_value.db"), Options::default()).await.unwrap()
}

#[tokio::test]
async fn keeps_values_apart_by_store_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(&folder).await;
    let (default, other) = (stores.store("default"), stores.store("other"));

    default.set("b", b"1".to_vec()).await.unwrap();
    default.set("a", vec![0, 255]).await.unwrap();
    default.set("b", Vec::new()).await.unwrap();
    other.set("c", b"3".to_vec()).await.unwrap();

    assert_eq!(default.get("a").await, Ok(Some(vec![0, 255])));
    assert_eq!(default.get("b").await, Ok(Some(Vec::new())));
    assert_eq!(default.get("c").await, Ok(None));
    assert_eq!(default.get_keys().await, Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(default.exists("a").await, Ok(true));

    default.delete("a").await.unwrap();
    default.delete("a").await.unwrap();
    assert_eq!(default.exists("a").await, Ok(false));
    assert_eq!(other.get_keys().await, Ok(vec!["c".to_owned()]));
}

#[tokio::test]
async fn refuses_a_key_over_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await.store("default");
    let error = store.set(&"k".repeat(64 * 1024 + 1), Vec::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "the key is longer than 65536 bytes");
    assert_eq!(store.get_keys().await, Ok(Vec::new()));
}

#[tokio::test]
async fn takes_over_a_file_of_spin_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".spin/sqlite_key_value.db");
    std::fs::create_dir(folder.path().join(".spin")).unwrap();
    let spin = rusqlite::Connection::open(&path).unwrap();
    spin.execute(
        "CREATE TABLE IF NOT EXISTS spin_key_value (
                           store TEXT NOT NULL,
                           key   TEXT NOT NULL,
                           value BLOB NOT NULL,

                           PRIMARY KEY (store, key)
                        )",
        [],
    )
    .unwrap();
    spin.execute("INSERT INTO spin_key_value VALUES ('default', 'from', X'5350494e')", []).unwrap();
    drop(spin);

    let stores = open(&folder).await;
    let store = stores.store("default");
    assert_eq!(store.get("from").await, Ok(Some(b"SPIN".to_vec())));
    store.set("back", b"ours".to_vec()).await.unwrap();
    drop(store);
    stores.close().await;

    assert!(!path.with_extension("db-wal").exists(), "the file is whole by itself once closed");
    let spin = rusqlite::Connection::open(&path).unwrap();
    let value: Vec<u8> = spin
        .query_row("SELECT value FROM spin_key_value WHERE store = 'default' AND key = 'back'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(value, b"ours");
}
