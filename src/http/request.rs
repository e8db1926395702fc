//! What is known of a request before anybody looks at it: its id, where it came from, when it began.
//!
//! The outermost middleware. Every request gets one line in the log and one count in the metrics; every answer names
//! the request id, the problem bodies included (they find it in a task-local, because an error does not see its
//! request).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use uuid::Uuid;

use super::metrics::Metrics;
use crate::config::Config;

tokio::task_local! {
    static ID: String;
}

/// The address of a request whose sender is not known.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request that this task serves; empty outside of one.
#[must_use]
pub fn current_id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

/// Runs work that is not a request under an id of its own, such as that of a live connection.
pub async fn under_id<T>(id: String, work: impl Future<Output = T>) -> T {
    ID.scope(id, work).await
}

/// Where a request came from, after the word of trusted proxies.
#[derive(Clone, Debug)]
pub struct Origin {
    pub request_id: String,
    pub address: IpAddr,
    pub is_https: bool,
}

impl Origin {
    /// The address that a request came from.
    #[must_use]
    pub fn address_of(request: &HttpRequest) -> IpAddr {
        let extensions = request.extensions();
        let origin = extensions.get::<Self>();
        origin.map_or(NOWHERE, |origin| origin.address)
    }

    /// Whether a request came by HTTPS.
    #[must_use]
    pub fn is_https(request: &HttpRequest) -> bool {
        let extensions = request.extensions();
        extensions.get::<Self>().is_some_and(|it| it.is_https)
    }

    /// The origin that the middleware noted.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self {
                request_id: String::new(),
                address: NOWHERE,
                is_https: false,
            })
    }
}

/// The middleware.
///
/// # Errors
/// What the inner service answers; handlers and extractors have made their errors answers already.
pub async fn context<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let origin = origin_of(&request);
    let id = origin.request_id.clone();
    let method = request.method().clone();
    let path = request.path().to_owned();
    answer_head_like_get(&mut request);
    request.extensions_mut().insert(origin.clone());
    // The request must not be held here: the router changes it in place.
    let mut answer = ID
        .scope(id, next.call(request))
        .await?
        .map_into_boxed_body();
    if let Ok(value) = HeaderValue::from_str(&origin.request_id) {
        answer.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    account_for(&answer, &method, &path, &origin, begun);
    Ok(answer)
}

fn origin_of(request: &ServiceRequest) -> Origin {
    let peer = request.peer_addr().map_or(NOWHERE, |peer| peer.ip());
    let config = request.app_data::<web::Data<Config>>();
    let is_trusted = config.is_some_and(|config| config.server.trusted_proxies.contains(&peer));
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let mut origin = Origin {
        request_id: Uuid::now_v7().to_string(),
        address: peer,
        is_https: request.app_config().secure(),
    };
    if is_trusted {
        // The last hop is the one that the proxy saw itself.
        let hop = header("x-forwarded-for").and_then(|hops| hops.rsplit(',').next());
        origin.address = hop.and_then(|hop| hop.trim().parse().ok()).unwrap_or(peer);
        origin.is_https = header("x-forwarded-proto") == Some("https");
        if let Some(id) = header("x-request-id").filter(|id| is_plain(id)) {
            id.clone_into(&mut origin.request_id);
        }
    }
    origin
}

fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A HEAD is served as the GET that it stands for; the protocol layer leaves the body out. What serves
/// bytes tells the two apart itself.
fn answer_head_like_get(request: &mut ServiceRequest) {
    let path = request.path();
    let tells_apart = path.starts_with("/api/v1/uploads")
        || path.starts_with("/media/")
        || path.starts_with("/s/")
        || path.starts_with("/dav/")
        || path.starts_with("/api/v1/drive/") && path.ends_with("/content");
    if request.method() == Method::HEAD && !tells_apart {
        request.head_mut().method = Method::GET;
    }
}

fn account_for(
    answer: &ServiceResponse,
    method: &Method,
    path: &str,
    origin: &Origin,
    begun: Instant,
) {
    let took = begun.elapsed();
    let status = answer.status().as_u16();
    let route = answer
        .request()
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    // The path of a media address or a share carries a token, that of a file on a drive its name.
    let is_private = ["/media/", "/s/", "/dav/"];
    let shown = if is_private.iter().any(|it| path.starts_with(it)) {
        route.as_str()
    } else {
        path
    };
    tracing::info!(
        request.id = origin.request_id,
        client.address = %origin.address,
        http.status = status,
        duration_ms = took.as_secs_f64() * 1000.0,
        "{method} {shown}"
    );
    if let Some(metrics) = answer.request().app_data::<web::Data<Metrics>>() {
        metrics.count_request(method, &route, answer.status(), took);
    }
}
