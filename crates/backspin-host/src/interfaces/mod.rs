//! Spin's interfaces, as a component imports them: each file implements both generations of one.

pub(crate) mod bindings;
mod key_value;
pub(crate) mod outbound_http;
mod sqlite;
mod variables;

use wasmtime::component::{HasSelf, Linker};

use crate::component::InstanceState;

/// Offers every interface of this runtime to the components that `linker` makes.
///
/// # Errors
/// When two of them claim the same name.
pub(crate) fn add_to_linker(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    bindings::Platform::add_to_linker::<_, HasSelf<InstanceState>>(linker, |state| state)
}
