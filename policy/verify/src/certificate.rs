//! X.509 certificates (RFC 5280) with the profile of Fulcio and of timestamp authorities.

mod chain;
mod extensions;
mod fulcio;
mod parse;

pub(crate) use chain::{CertificateAuthority, IssuedBy, Purpose, check_leaf};
pub(crate) use extensions::{ExtendedKeyUsage, Extensions, GeneralName};
pub(crate) use fulcio::identity;
pub(crate) use parse::Certificate;
