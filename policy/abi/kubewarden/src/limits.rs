//! What one call may ask of the host and of the processor. policy-server ends an evaluation after one
//! to two seconds, whatever is left to do; these end it before, with a reason.

/// Host calls of one evaluation: for 64 images tag, signatures, carrier and referrers, and as many again.
pub const HOST_CALLS: usize = 512;

/// Bytes of all answers of the host in one evaluation.
pub const ANSWER_BYTES: usize = 4 << 20;

/// Work of public-key operations in one evaluation, in operations on P-256.
pub const SIGNATURE_WORK: usize = 768;

/// Layers of one manifest, manifests of one list of referrers, pieces of one carrier: one image may
/// have so many pieces of evidence.
pub(crate) const PIECES: usize = 128;

/// Bytes of one blob.
pub(crate) const BLOB_BYTES: usize = 1 << 20;

/// Nesting of JSON arrays and objects in an answer.
pub(crate) const NESTING: usize = 64;

/// Bytes of the payload of a call: a policy and a request at their limits.
pub(crate) const PAYLOAD_BYTES: usize = 6 << 20;

/// Bytes of the payload of any call, as for the JSON façade of the engine.
#[cfg(target_arch = "wasm32")]
pub(crate) const CALL_BYTES: usize = 64 << 20;

/// Bytes of the name of an operation.
#[cfg(target_arch = "wasm32")]
pub(crate) const OPERATION_BYTES: usize = 64;
