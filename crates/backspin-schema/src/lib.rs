//! backspin-schema
