//! `spin:key-value@3.0.0` and `fermyon:spin/key-value@2.0.0` on [`stores::key_value`](crate::stores::key_value).

use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

use super::bindings::fermyon::spin::key_value as v2;
use super::bindings::spin::key_value::key_value as v3;
use crate::component::InstanceState;
use crate::stores::key_value::Store;

/// The store `label`; `None` if the manifest does not grant it.
fn open(state: &mut InstanceState, label: &str) -> wasmtime::Result<Option<Resource<Store>>> {
    let Some(store) = state.capabilities.key_value_stores.get(label).cloned() else { return Ok(None) };
    Ok(Some(state.table.push(store)?))
}

fn store(state: &InstanceState, handle: &Resource<Store>) -> wasmtime::Result<Store> {
    Ok(state.table.get(handle)?.clone())
}

impl v3::Host for InstanceState {}

impl v3::HostStore for InstanceState {
    async fn drop(&mut self, handle: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> v3::HostStoreWithStore<T> for HasSelf<InstanceState> {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Store>, v3::Error>> {
        accessor.with(|mut access| Ok(open(access.get(), &label)?.ok_or(v3::Error::AccessDenied)))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, v3::Error>> {
        let store = accessor.with(|mut access| store(access.get(), &handle))?;
        Ok(store.get(&key).await.map_err(v3_error))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), v3::Error>> {
        let store = accessor.with(|mut access| store(access.get(), &handle))?;
        Ok(store.set(&key, value).await.map_err(v3_error))
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), v3::Error>> {
        let store = accessor.with(|mut access| store(access.get(), &handle))?;
        Ok(store.delete(&key).await.map_err(v3_error))
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, v3::Error>> {
        let store = accessor.with(|mut access| store(access.get(), &handle))?;
        Ok(store.exists(&key).await.map_err(v3_error))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), v3::Error>>)> {
        let store = accessor.with(|mut access| store(access.get(), &handle))?;
        let (keys, outcome) = match store.get_keys().await {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(v3_error(error))),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let outcome = FutureReader::new(&mut access, async move { wasmtime::error::Ok(outcome) })?;
            Ok((keys, outcome))
        })
    }
}

impl v2::Host for InstanceState {}

impl v2::HostStore for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Store>, v2::Error>> {
        Ok(open(self, &label)?.ok_or(v2::Error::AccessDenied))
    }

    async fn get(
        &mut self,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, v2::Error>> {
        Ok(store(self, &handle)?.get(&key).await.map_err(v2_error))
    }

    async fn set(
        &mut self,
        handle: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), v2::Error>> {
        Ok(store(self, &handle)?.set(&key, value).await.map_err(v2_error))
    }

    async fn delete(
        &mut self,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), v2::Error>> {
        Ok(store(self, &handle)?.delete(&key).await.map_err(v2_error))
    }

    async fn exists(
        &mut self,
        handle: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, v2::Error>> {
        Ok(store(self, &handle)?.exists(&key).await.map_err(v2_error))
    }

    async fn get_keys(
        &mut self,
        handle: Resource<Store>,
    ) -> wasmtime::Result<Result<Vec<String>, v2::Error>> {
        Ok(store(self, &handle)?.get_keys().await.map_err(v2_error))
    }

    async fn drop(&mut self, handle: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

fn v3_error(error: impl std::fmt::Display) -> v3::Error {
    v3::Error::Other(error.to_string())
}

fn v2_error(error: impl std::fmt::Display) -> v2::Error {
    v2::Error::Other(error.to_string())
}
