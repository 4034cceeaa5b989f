//! The embedded runtime: serves an application of Wasm components as Spin does, from the same manifest,
//! with the same interfaces and the same state files, and needs nothing but this library.
//!
//! [`Host::prepare`] reads the manifest, opens the stores, compiles the components and binds the address;
//! [`Host::serve`] answers requests until told to stop.

pub mod build;
mod compiled;
mod component;
mod engine;
mod host;
mod interfaces;
pub mod manifest;
mod memory;
mod options;
pub mod outbound;
pub mod routes;
mod serve;
mod spread;
mod state;
pub mod stores;
pub mod variables;

pub use host::Host;
pub use options::{Event, OnLine, Options, Output};
pub use spread::Spread;
pub use state::StateFolder;
