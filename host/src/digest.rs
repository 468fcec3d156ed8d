//! Digests of blobs.

use core::fmt;
use core::str::FromStr;
use std::io::{self, BufRead};

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits (OCI image
/// specification, descriptor, *Digests*).
///
/// Parsing is the only way from text to a digest, so a digest is safe as a file name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of everything that a reader gives, however much that is.
    ///
    /// # Errors
    ///
    /// That of the reader.
    pub fn of_reader(mut reader: impl BufRead) -> io::Result<Self> {
        let mut hash = Sha256::new();
        loop {
            let part = reader.fill_buf()?;
            if part.is_empty() {
                return Ok(Self(hash.finalize().into()));
            }
            hash.update(part);
            let read = part.len();
            reader.consume(read);
        }
    }

    /// The 64 hexadecimal digits, without the name of the algorithm.
    pub fn hex(&self) -> Hex<'_> {
        Hex(self)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Malformed)?;
        if algorithm != "sha256" {
            let known = algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return Err(if known && !algorithm.is_empty() {
                DigestError::UnsupportedAlgorithm
            } else {
                DigestError::Malformed
            });
        }
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(DigestError::Malformed);
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (nibble(*high)? << 4) | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Ok(digit.wrapping_sub(b'a').wrapping_add(10)),
        _ => Err(DigestError::Malformed),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The digest of what was hashed.
impl From<Sha256> for Digest {
    fn from(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }
}

/// The hexadecimal digits of a [`Digest`].
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(&'a Digest);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why some text is not a [`Digest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// Not `sha256:` and 64 lower-case hexadecimal digits.
    #[error("a digest is `sha256:` and 64 lower-case hexadecimal digits")]
    Malformed,
    /// A digest of another algorithm.
    #[error("only digests of the algorithm sha256 are supported")]
    UnsupportedAlgorithm,
}

impl DigestError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "digest.malformed",
            Self::UnsupportedAlgorithm => "digest.unsupported-algorithm",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Read};

    use super::Digest;

    /// Gives its bytes, then fails.
    struct Failing(&'static [u8]);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn a_reader_and_its_bytes_have_one_digest() {
        for length in [0, 1, 7, 8, 9, 1000] {
            let bytes = vec![7; length];
            let reader = BufReader::with_capacity(8, bytes.as_slice());
            assert_eq!(Digest::of_reader(reader).unwrap(), Digest::of(&bytes));
        }
    }

    #[test]
    fn a_reader_that_fails_has_no_digest() {
        let error = Digest::of_reader(BufReader::new(Failing(b"begun"))).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
