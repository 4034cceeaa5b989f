//! backspin-core
