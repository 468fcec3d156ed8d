//! Which hosts are spoken to without TLS.

use std::net::IpAddr;

use ureq::http::Uri;

use super::RegistryError;

/// The hosts that are spoken to over plain HTTP: this machine, and those that the user named.
#[derive(Clone, Debug, Default)]
pub(super) struct PlainHosts {
    named: Vec<String>,
}

impl PlainHosts {
    /// This machine and `named`, each a host or a host with a port.
    pub(super) fn new(named: &[String]) -> Self {
        Self {
            named: named.to_vec(),
        }
    }

    /// Whether the host, perhaps with a port, is spoken to over plain HTTP.
    pub(super) fn contain(&self, authority: &str) -> bool {
        let host = host(authority);
        is_loopback(host)
            || self.named.iter().any(|named| {
                named.eq_ignore_ascii_case(authority) || named.eq_ignore_ascii_case(host)
            })
    }

    /// Refuses an address that is not reached over TLS, and need be.
    ///
    /// Whoever is spoken to over TLS can send nobody to plain HTTP, not even to this machine.
    pub(super) fn check(&self, uri: &Uri, from: Option<&Uri>) -> Result<(), RegistryError> {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let is_plain = |uri: &Uri| uri.scheme_str() == Some("http");
        let allowed = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => self.contain(authority) && from.is_none_or(is_plain),
            _ => false,
        };
        if allowed && !authority.is_empty() && !authority.contains('@') {
            return Ok(());
        }
        Err(RegistryError::PlainHttp {
            host: authority.to_owned(),
        })
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = |address: IpAddr| address.is_loopback();
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_local)
}

/// The host of an authority, without the port.
pub(super) fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::PlainHosts;

    #[test]
    fn only_this_machine_and_named_hosts_are_spoken_to_plainly() {
        let hosts = PlainHosts::new(&["a.example".into(), "b.example:5000".into()]);
        let plain = [
            "localhost",
            "localhost:5000",
            "127.0.0.1:1",
            "127.8.0.1",
            "[::1]",
            "[::1]:5000",
            "a.example",
            "a.example:1",
            "B.example:5000",
        ];
        for host in plain {
            assert!(hosts.contain(host), "{host}");
        }
        for host in [
            "b.example",
            "localhost.a",
            "128.0.0.1",
            "xa.example",
            "127.0.0.1.example",
        ] {
            assert!(!hosts.contain(host), "{host}");
        }
    }

    #[test]
    fn nobody_is_sent_from_tls_to_plain_http() {
        let hosts = PlainHosts::new(&[]);
        let check = |to: &str, from: Option<&str>| {
            let from = from.map(|from| from.parse().unwrap());
            hosts.check(&to.parse().unwrap(), from.as_ref()).is_ok()
        };
        assert!(check("https://a.example/", None));
        assert!(check("http://127.0.0.1/", None));
        assert!(check("http://127.0.0.1/", Some("http://localhost/")));
        assert!(check("https://b.example/", Some("https://a.example/")));
        assert!(!check("http://a.example/", None));
        assert!(!check("http://127.0.0.1/", Some("https://a.example/")));
        assert!(!check("https://user@a.example/", None));
        assert!(!check("ftp://127.0.0.1/", None));
        assert!(!check("/path", None));
    }
}
