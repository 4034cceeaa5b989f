//! backspin-query
