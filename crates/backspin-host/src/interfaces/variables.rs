//! `spin:variables@3.0.0` and `fermyon:spin/variables@2.0.0` on [`variables`](crate::variables).

use wasmtime::component::{Accessor, HasSelf};

use super::bindings::fermyon::spin::variables as v2;
use super::bindings::spin::variables::variables as v3;
use crate::component::InstanceState;
use crate::variables::VariableError;

fn get(state: &InstanceState, name: &str) -> Result<String, VariableError> {
    let capabilities = &state.capabilities;
    capabilities.variables.component_variable(&capabilities.component_id, name).map(str::to_owned)
}

impl v3::Host for InstanceState {}

impl<T: Send> v3::HostWithStore<T> for HasSelf<InstanceState> {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, v3::Error>> {
        accessor.with(|mut access| Ok(get(access.get(), &name).map_err(Into::into)))
    }
}

impl v2::Host for InstanceState {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, v2::Error>> {
        Ok(get(self, &name).map_err(Into::into))
    }
}

/// The error types of both generations are alike but distinct.
macro_rules! convert_errors {
    ($generation:ident) => {
        impl From<VariableError> for $generation::Error {
            fn from(error: VariableError) -> Self {
                match error {
                    VariableError::InvalidName(text) => Self::InvalidName(text),
                    VariableError::Undefined(text) => Self::Undefined(text),
                }
            }
        }
    };
}

convert_errors!(v2);
convert_errors!(v3);
