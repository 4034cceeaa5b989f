//! The named limits of every input. A unit stands last in each name.

/// A request's body. The same as PocketBase's default.
pub const BODY_BYTES_MAX: usize = 32 << 20;
/// Values of a form, each part and each repetition of a name counted.
pub const FORM_VALUES_MAX: usize = 1000;
/// The name of a value in a form.
pub const FORM_NAME_BYTES_MAX: usize = 512;
/// A text in a form; a file is limited by the body only.
pub const FORM_VALUE_BYTES_MAX: usize = 10 << 20;
/// Requests of a batch, whatever the settings allow.
pub const BATCH_REQUESTS_MAX: usize = 10_000;
/// The URL of a request in a batch.
pub const BATCH_URL_CHARS_MAX: usize = 2000;
/// Headers of a request in a batch.
pub const BATCH_HEADERS_MAX: usize = 100;
/// How long the requests of a batch may take together, whatever the settings allow, for it keeps others from writing,
/// and the reply has to begin within 30 s.
pub const BATCH_MS_MAX: i64 = 25_000;
/// A segment of the path that names a collection or a record.
pub const PATH_SEGMENT_BYTES_MAX: usize = 255;
/// The query string of a request.
pub const QUERY_BYTES_MAX: usize = 64 << 10;
/// An `Authorization` header. Our own tokens take about 300.
pub const TOKEN_BYTES_MAX: usize = 8 << 10;

/// The name of a collection.
pub const COLLECTION_NAME_CHARS_MAX: usize = 255;
/// The fields of one collection: more would not fit the columns of a SQLite statement.
pub const COLLECTION_FIELDS_MAX: usize = 500;
/// The indexes of one collection.
pub const COLLECTION_INDEXES_MAX: usize = 500;
/// The collections that one request defines.
pub const COLLECTIONS_DEFINED_MAX: usize = 1000;

/// Records of a page when the client does not say.
pub const PER_PAGE_DEFAULT: u32 = 30;
/// Records of a page at most; a greater wish is cut to this.
pub const PER_PAGE_MAX: u32 = 1000;
/// Fields of a `sort`.
pub const SORT_FIELDS_MAX: usize = 8;
/// Bytes of a `sort` expression.
pub const SORT_BYTES_MAX: usize = 2048;

/// Changes of a page when the client does not say.
pub const CHANGES_DEFAULT: usize = 100;
/// Changes of a page at most; a greater wish is cut to this.
pub const CHANGES_MAX: usize = 500;
/// Changes that one request looks through for those that it asks for.
pub const CHANGES_SCANNED_MAX: i64 = 5000;
/// The rows in one page of changes, together; the first comes whatever its size.
pub const CHANGES_BYTES_MAX: i64 = 4 << 20;
/// Values that one request puts back to a moment: records times fields. More would not be done before the reply has to
/// begin, and they keep others from writing.
pub const RESTORED_VALUES_MAX: i64 = 5_000_000;
/// Records that cannot be put back, of those that a plan names, for each reason.
pub const RESTORE_CONFLICTS_MAX: usize = 100;
/// Collections of one request that puts records back.
pub const RESTORED_COLLECTIONS_MAX: usize = 100;
/// Days that the change log may be told to keep.
pub const CHANGES_DAYS_MAX: i64 = 36_500;
/// Changes that the log may be told to keep.
pub const CHANGES_COUNT_MAX: i64 = 1_000_000_000;

/// A password, before it is hashed. The same as PocketBase's.
pub const PASSWORD_BYTES_MAX: usize = 72;
/// An identity (email, user name) given at sign-in.
pub const IDENTITY_CHARS_MAX: usize = 255;
/// How often a statement is repeated when another writer holds the database.
pub const BUSY_RETRIES_MAX: u32 = 10;

/// How long one operation on the network may take.
pub const NETWORK_MS_MAX: u64 = 10_000;

/// Realtime clients at a time; each has a stream open.
pub const REALTIME_CLIENTS_MAX: i64 = 10_000;
/// The id of a realtime client. The same as PocketBase's, as are the next two.
pub const CLIENT_ID_BYTES_MAX: usize = 255;
/// Topics that one realtime client subscribes to.
pub const SUBSCRIPTIONS_MAX: usize = 1000;
/// The name of a topic, its options included.
pub const TOPIC_BYTES_MAX: usize = 2500;
/// How long a stream goes on without a message. The same as PocketBase's.
pub const STREAM_IDLE_MS_MAX: i64 = 300_000;
/// How long a message waits for its client.
pub const REALTIME_MESSAGE_MS_MAX: i64 = 60_000;
/// A code, or an error, that an identity provider sends back with the user.
pub const REDIRECT_VALUE_BYTES_MAX: usize = 8 << 10;
