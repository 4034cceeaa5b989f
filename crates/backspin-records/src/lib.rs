//! backspin-records
