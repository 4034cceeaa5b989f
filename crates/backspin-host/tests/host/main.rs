//! The embedded runtime, tried with two small components: `current` (WASI 0.3) and `classic` (WASI 0.2).

mod capabilities;
mod faults;
mod outbound;
mod served;
mod serving;
mod start;
