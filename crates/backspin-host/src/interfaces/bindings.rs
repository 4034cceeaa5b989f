//! The Rust side of `wit/`: what Spin's interfaces look like to the host.

wasmtime::component::bindgen!({
    path: "wit",
    world: "backspin:host/platform",
    imports: {
        "spin:sqlite/sqlite.[static]connection.open-async": async | store | trappable,
        "spin:sqlite/sqlite.[method]connection.execute-async": async | store | trappable,
        "spin:sqlite/sqlite.[method]connection.last-insert-rowid-async": async | store | trappable,
        "spin:sqlite/sqlite.[method]connection.changes-async": async | store | trappable,
        "spin:key-value/key-value.[static]store.open": async | store | trappable,
        "spin:key-value/key-value.[method]store.get": async | store | trappable,
        "spin:key-value/key-value.[method]store.set": async | store | trappable,
        "spin:key-value/key-value.[method]store.delete": async | store | trappable,
        "spin:key-value/key-value.[method]store.exists": async | store | trappable,
        "spin:key-value/key-value.[method]store.get-keys": async | store | trappable,
        "spin:variables/variables.get": async | store | trappable,
        default: async | trappable,
    },
    with: {
        "spin:sqlite/sqlite.connection": crate::stores::sqlite::Connection,
        "fermyon:spin/sqlite.connection": crate::stores::sqlite::Connection,
        "spin:key-value/key-value.store": crate::stores::key_value::Store,
        "fermyon:spin/key-value.store": crate::stores::key_value::Store,
    },
});
