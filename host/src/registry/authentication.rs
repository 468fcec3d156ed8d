//! Proving to a registry who asks.
//!
//! Follows <https://distribution.github.io/distribution/spec/auth/token/> and its OAuth 2 form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docker_credential::DockerCredential;
use serde::Deserialize;
use ureq::http::{Method, StatusCode, Uri};

use super::http::{Call, Content, Outcome, Transport, host};
use super::{RegistryError, Violation};
use crate::limits::{Limit, Limits};

/// What a registry wants before it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, which a service gives out.
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

/// Answers the challenges of a registry: the value of the header `Authorization`.
///
/// # Errors
/// There is no answer, or the token service gives none.
pub(super) fn answer(
    transport: &Transport,
    registry: &Uri,
    challenges: &[String],
    credential: Option<&DockerCredential>,
    scope: &str,
    limits: &Limits,
) -> Result<String, RegistryError> {
    match challenge(challenges) {
        Some(Challenge::Bearer {
            realm,
            service,
            scope: wanted,
        }) => {
            let host = host(registry);
            let violation = Violation::Location;
            let realm: Uri = realm
                .parse()
                .map_err(|_| RegistryError::Protocol { host, violation })?;
            transport.plain().check(&realm, Some(registry))?;
            let wanted = wanted.as_deref().unwrap_or(scope);
            let parameters = [
                ("service", service.as_deref().unwrap_or_default()),
                ("scope", wanted),
            ];
            token(transport, &realm, &parameters, credential, limits)
        }
        Some(Challenge::Basic) => match credential {
            Some(DockerCredential::UsernamePassword(name, password)) => Ok(basic(name, password)),
            _ => Err(RegistryError::Unauthorized {
                host: host(registry),
            }),
        },
        None => Err(RegistryError::ChallengeUnsupported {
            host: host(registry),
        }),
    }
}

fn token(
    transport: &Transport,
    realm: &Uri,
    parameters: &[(&str, &str)],
    credential: Option<&DockerCredential>,
    limits: &Limits,
) -> Result<String, RegistryError> {
    let host = host(realm);
    let protocol = || RegistryError::Protocol {
        host: host.clone(),
        violation: Violation::Token,
    };
    let (authorization, form) = match credential {
        Some(DockerCredential::UsernamePassword(name, password)) => {
            (Some(basic(name, password)), None)
        }
        Some(DockerCredential::IdentityToken(token)) => {
            let mut form = parameters.to_vec();
            form.extend([
                ("client_id", "sealstone"),
                ("grant_type", "refresh_token"),
                ("refresh_token", token),
            ]);
            (None, Some(query(&form)))
        }
        None => (None, None),
    };
    let call = match &form {
        Some(form) => Call {
            method: Method::POST,
            uri: realm.clone(),
            accept: "application/json",
            content: Content::Bytes {
                media_type: "application/x-www-form-urlencoded",
                bytes: form.as_bytes(),
            },
        },
        None => {
            let separator = if realm.query().is_some() { '&' } else { '?' };
            let uri = format!("{realm}{separator}{}", query(parameters));
            Call {
                method: Method::GET,
                uri: uri.parse().map_err(|_| protocol())?,
                accept: "application/json",
                content: Content::Nothing,
            }
        }
    };
    let (limit, maximum) = (Limit::RegistryTokenBytes, limits.registry_token_bytes);
    let outcome = transport.fetch(&call, authorization.as_deref(), limit, maximum)?;
    let answer = match outcome {
        Outcome::Done(answer) if answer.status.is_success() => answer,
        Outcome::Done(answer) if answer.status == StatusCode::FORBIDDEN => {
            return Err(RegistryError::Forbidden { host });
        }
        Outcome::Done(answer) => {
            let status = answer.status.as_u16();
            return Err(RegistryError::Status { host, status });
        }
        Outcome::Challenged(_) => return Err(RegistryError::Unauthorized { host }),
    };
    let token: Token = serde_json::from_slice(&answer.content).map_err(|_| protocol())?;
    let token = token.token.or(token.access_token).ok_or_else(protocol)?;
    let is_usable = |byte: u8| byte.is_ascii_graphic();
    if token.is_empty() || !token.bytes().all(is_usable) {
        return Err(protocol());
    }
    Ok(format!("Bearer {token}"))
}

/// What a token service gives.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// The challenge to answer: a token where one will do.
fn challenge(headers: &[String]) -> Option<Challenge> {
    let mut basic = None;
    for header in headers {
        let Ok(challenges) = http_auth::parse_challenges(header) else {
            continue;
        };
        for challenge in challenges {
            let parameter = |wanted: &str| {
                let mut parameters = challenge.params.iter();
                let (_, value) = parameters.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
                Some(value.to_unescaped())
            };
            if challenge.scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = parameter("realm")
            {
                return Some(Challenge::Bearer {
                    realm,
                    service: parameter("service"),
                    scope: parameter("scope"),
                });
            }
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Challenge::Basic);
            }
        }
    }
    basic
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// Parameters as they stand in a URL or a form, without those that are empty.
fn query(parameters: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                query.push(char::from(byte));
            } else {
                query.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::{Challenge, challenge, query};

    #[test]
    fn a_token_is_preferred() {
        let bearer = |scope: Option<&str>| Challenge::Bearer {
            realm: "https://a.example/token".into(),
            service: Some("a.example".into()),
            scope: scope.map(Into::into),
        };
        let cases: [(&[&str], _); 6] = [
            (
                &[
                    "Bearer realm=\"https://a.example/token\",service=\"a.example\",scope=\"repository:a/b:pull,push\"",
                ],
                Some(bearer(Some("repository:a/b:pull,push"))),
            ),
            (
                &[
                    "Basic realm=\"x\"",
                    "bearer Realm=\"https://a.example/token\", service=a.example",
                ],
                Some(bearer(None)),
            ),
            (&["Basic realm=\"x\""], Some(Challenge::Basic)),
            (&["Negotiate"], None),
            (&["Bearer service=\"no realm\""], None),
            (&[], None),
        ];
        for (headers, expected) in cases {
            let headers: Vec<String> = headers.iter().map(|header| (*header).into()).collect();
            assert_eq!(challenge(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn parameters_are_escaped() {
        assert_eq!(
            query(&[("a", "b c&d=é"), ("e", ""), ("f", "x:y/z,1-._~")]),
            "a=b%20c%26d%3D%C3%A9&f=x%3Ay%2Fz%2C1-._~"
        );
    }
}
