//! The ports on Spin, and the entry point of every component.
//!
//! A component is a handler and one line:
//!
//! ```ignore
//! backspin_spin::serve!(handle);
//!
//! async fn handle(app: &App, request: &Request) -> Result<Reply> { … }
//! ```

mod answer;
mod database;
mod env;
mod hasher;
mod network;
mod outbound;
mod serve;
mod wake;

pub use answer::{Answer, SpinBody};
pub use database::{SpinDatabase, SpinTransaction};
pub use env::SpinEnv;
pub use hasher::SpinHasher;
pub use network::{SpinConnection, SpinNetwork};
pub use outbound::SpinOutbound;
#[doc(hidden)]
pub use serve::{serve, serve_all};
#[doc(hidden)]
pub use spin_sdk::wasip3;
pub use wake::{after_reply, sleep_ms};

use backspin_core::Platform;

/// The application as a component's handler receives it.
pub type App = backspin_schema::App<Spin>;

/// Spin's database and surroundings.
#[derive(Default)]
pub struct Spin {
    database: SpinDatabase,
    env: SpinEnv,
    hasher: SpinHasher,
}

impl Platform for Spin {
    type Database = SpinDatabase;
    type Env = SpinEnv;
    type Hasher = SpinHasher;

    fn database(&self) -> &SpinDatabase {
        &self.database
    }

    fn env(&self) -> &SpinEnv {
        &self.env
    }

    fn hasher(&self) -> &SpinHasher {
        &self.hasher
    }
}

/// Makes `async fn handler(&App, &Request) -> Result<Reply>`, or `Result<Answer>`, the component's answer to every request.
/// `serve!(handler, all)` is for components without a database: nobody is kept out by the settings.
#[macro_export]
macro_rules! serve {
    ($handler:ident) => {
        $crate::serve!($handler, serve);
    };
    ($handler:ident, all) => {
        $crate::serve!($handler, serve_all);
    };
    ($handler:ident, $serve:ident) => {
        #[allow(unsafe_code, reason = "exported functions of a component have unmangled names")]
        mod __entry_point {
            struct Component;
            $crate::wasip3::http::service::export!(Component with_types_in $crate::wasip3);

            impl $crate::wasip3::exports::http::handler::Guest for Component {
                async fn handle(
                    request: $crate::wasip3::http::types::Request,
                ) -> Result<$crate::wasip3::http::types::Response, $crate::wasip3::http::types::ErrorCode>
                {
                    Ok($crate::$serve(request, super::$handler).await)
                }
            }
        }
    };
}
