//! backspin-http
