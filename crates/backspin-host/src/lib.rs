//! backspin-host
