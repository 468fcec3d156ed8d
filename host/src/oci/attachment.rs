//! Tags that say what something is attached to.

use crate::digest::Digest;

/// The suffix of the tag under which a carrier is stored.
pub(crate) const CARRIER: &str = "sealstone";

/// The tag `sha256-<hex>`, or `sha256-<hex>.<suffix>` where the suffix is not empty.
pub(crate) fn tag(image: &Digest, suffix: &str) -> String {
    match suffix {
        "" => format!("sha256-{}", image.hex()),
        suffix => format!("sha256-{}.{suffix}", image.hex()),
    }
}

/// A tag of the form `sha256-<hex>`, `sha256-<hex>.sig` or `sha256-<hex>.att`: the digest of the
/// image that something is attached to, and the suffix.
pub(crate) fn parse(tag: &str) -> Option<(Digest, &str)> {
    let name = tag.strip_prefix("sha256-")?;
    let (hex, suffix) = name.split_once('.').unwrap_or((name, ""));
    Some((format!("sha256:{hex}").parse().ok()?, suffix))
}

#[cfg(test)]
mod tests {
    use super::{CARRIER, parse, tag};
    use crate::digest::Digest;

    #[test]
    fn tags_say_what_they_belong_to() {
        let image = Digest::of(b"image");
        for suffix in ["", "sig", "att", CARRIER] {
            assert_eq!(parse(&tag(&image, suffix)), Some((image, suffix)));
        }
        for other in ["v1", "sha256-abc.sig", "sha512-00.sig", "sha256-"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
