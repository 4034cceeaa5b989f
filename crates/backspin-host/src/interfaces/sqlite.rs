//! `spin:sqlite@3.1.0` and `fermyon:spin/sqlite@2.0.0` on [`stores::sqlite`](crate::stores::sqlite).

use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

use super::bindings::fermyon::spin::sqlite as v2;
use super::bindings::spin::sqlite::sqlite as v3;
use crate::component::InstanceState;
use crate::stores::sqlite::{self as store, Connection};

/// A connection to the database `label`; `None` if the manifest does not grant it.
fn open(state: &mut InstanceState, label: &str) -> wasmtime::Result<Option<Resource<Connection>>> {
    let Some(database) = state.capabilities.sqlite_databases.get(label) else { return Ok(None) };
    let connection = database.connect();
    Ok(Some(state.table.push(connection)?))
}

fn connection(state: &InstanceState, handle: &Resource<Connection>) -> wasmtime::Result<Connection> {
    Ok(state.table.get(handle)?.clone())
}

impl v3::Host for InstanceState {}

impl v3::HostConnection for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Connection>, v3::Error>> {
        Ok(open(self, &label)?.ok_or(v3::Error::AccessDenied))
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> wasmtime::Result<Result<v3::QueryResult, v3::Error>> {
        let connection = connection(self, &handle)?;
        let parameters = parameters.into_iter().map(Into::into).collect();
        Ok(connection.execute(&statement, parameters).await.map(Into::into).map_err(io_error))
    }

    async fn last_insert_rowid(&mut self, handle: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(connection(self, &handle)?.last_insert_rowid())
    }

    async fn changes(&mut self, handle: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(connection(self, &handle)?.changes())
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

/// What `execute-async` answers: the columns, the rows, and whether all of them came.
type StreamedResult = (Vec<String>, StreamReader<v3::RowResult>, FutureReader<Result<(), v3::Error>>);

impl<T: Send> v3::HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, v3::Error>> {
        accessor.with(|mut access| Ok(open(access.get(), &label)?.ok_or(v3::Error::AccessDenied)))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> wasmtime::Result<Result<StreamedResult, v3::Error>> {
        let connection = accessor.with(|mut access| connection(access.get(), &handle))?;
        let parameters = parameters.into_iter().map(Into::into).collect();
        // Spin reports a failing statement by the future, never by this function's own result.
        let (columns, rows, outcome) = match connection.execute(&statement, parameters).await {
            Ok(result) => (result.columns, result.rows, Ok(())),
            Err(error) => (Vec::new(), Vec::new(), Err(io_error(error))),
        };
        let rows: Vec<v3::RowResult> = rows.into_iter().map(v3_row).collect();
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let outcome = FutureReader::new(&mut access, async move { wasmtime::error::Ok(outcome) })?;
            Ok(Ok((columns, rows, outcome)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        accessor.with(|mut access| Ok(connection(access.get(), &handle)?.last_insert_rowid()))
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        accessor.with(|mut access| Ok(connection(access.get(), &handle)?.changes()))
    }
}

impl v2::Host for InstanceState {}

impl v2::HostConnection for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Connection>, v2::Error>> {
        Ok(open(self, &label)?.ok_or(v2::Error::AccessDenied))
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<v2::Value>,
    ) -> wasmtime::Result<Result<v2::QueryResult, v2::Error>> {
        let connection = connection(self, &handle)?;
        let parameters = parameters.into_iter().map(Into::into).collect();
        let result = connection.execute(&statement, parameters).await;
        Ok(result.map(Into::into).map_err(|error| v2::Error::Io(error.to_string())))
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

fn io_error(error: store::Error) -> v3::Error {
    v3::Error::Io(error.to_string())
}

fn v3_row(values: Vec<store::Value>) -> v3::RowResult {
    v3::RowResult { values: values.into_iter().map(Into::into).collect() }
}

/// The value and result types of both generations are alike but distinct: each gets the same conversions.
macro_rules! convert_values {
    ($generation:ident) => {
        impl From<$generation::Value> for store::Value {
            fn from(value: $generation::Value) -> Self {
                match value {
                    $generation::Value::Integer(value) => Self::Integer(value),
                    $generation::Value::Real(value) => Self::Real(value),
                    $generation::Value::Text(value) => Self::Text(value),
                    $generation::Value::Blob(value) => Self::Blob(value),
                    $generation::Value::Null => Self::Null,
                }
            }
        }

        impl From<store::Value> for $generation::Value {
            fn from(value: store::Value) -> Self {
                match value {
                    store::Value::Integer(value) => Self::Integer(value),
                    store::Value::Real(value) => Self::Real(value),
                    store::Value::Text(value) => Self::Text(value),
                    store::Value::Blob(value) => Self::Blob(value),
                    store::Value::Null => Self::Null,
                }
            }
        }

        impl From<store::QueryResult> for $generation::QueryResult {
            fn from(result: store::QueryResult) -> Self {
                let row = |values: Vec<store::Value>| $generation::RowResult {
                    values: values.into_iter().map(Into::into).collect(),
                };
                Self { columns: result.columns, rows: result.rows.into_iter().map(row).collect() }
            }
        }
    };
}

convert_values!(v2);
convert_values!(v3);
