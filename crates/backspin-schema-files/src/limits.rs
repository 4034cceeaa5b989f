//! The named limits of schema files.

/// One file. A collection of 500 fields, all options written out, takes about 200 KiB.
pub const SCHEMA_FILE_BYTES_MAX: u64 = 2 << 20;
/// Files of a folder, each a collection: as many as one request defines.
pub const SCHEMA_FILES_MAX: usize = backspin_core::limits::COLLECTIONS_DEFINED_MAX;
