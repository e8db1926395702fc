//! A server that offers one file, by each of the ways to the socket.

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_http::{HttpService, Protocol, error::DispatchError};
use actix_server::Server;
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Extensions};
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use object_store::aws::AmazonS3Builder;
use playhouse::storage::{Content, RemoteObject};
use playhouse::transfers::disposition::Offer;
use playhouse::transfers::flow::Flow;
use playhouse::transfers::line::WatchedStream;
use playhouse::transfers::serve::{Offering, Refusal, serve};
use playhouse::transfers::socket;
use playhouse_test_support::s3::{self, S3Server};
use reqwest::header::HeaderMap;
use tokio::net::TcpStream;

pub(crate) const SIZE: usize = 3_000_017;
pub(crate) const WHEN: u64 = 784_111_777;
pub(crate) const WHEN_TEXT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// The ways to the socket: every rule holds on each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// From an object of a storage service.
    Remote,
    /// Through the protocol layer's buffer, as with TLS.
    Buffered,
    /// From the page cache by `sendfile`, as on plain connections.
    Direct,
}

pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) content: Vec<u8>,
    pub(crate) flow: Arc<Flow>,
    pub(crate) what: Offering,
    /// Where the bytes come from.
    pub(crate) file: std::fs::File,
    pub(crate) service: Option<S3Server>,
    stop: actix_web::dev::ServerHandle,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.stop(false));
    }
}

pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

fn offering(content: &[u8], source: Content) -> Offering {
    Offering {
        content: source,
        size: content.len() as u64,
        tag: blake3::hash(content).to_hex().to_string(),
        modified: SystemTime::UNIX_EPOCH + Duration::from_secs(WHEN),
        content_type: "video/mp4".into(),
        name: "影片 \"a\".mp4".into(),
        offer: Offer::Attachment,
        sha256: Some([7; 32]),
    }
}

/// An object with this content, and the file behind it.
fn remote(service: &S3Server, content: &[u8]) -> (std::fs::File, Content) {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    std::fs::write(service.object("film"), content).unwrap();
    let store = AmazonS3Builder::new()
        .with_bucket_name(service.bucket())
        .with_endpoint(service.endpoint())
        .with_allow_http(true)
        .with_access_key_id(s3::KEY)
        .with_secret_access_key(s3::SECRET)
        .build()
        .unwrap();
    let object = RemoteObject::new(Arc::new(store), "film".into());
    let mut how = std::fs::File::options();
    let file = how.read(true).write(true).open(service.object("film"));
    (file.unwrap(), Content::Remote(object))
}

async fn answer(request: HttpRequest, state: web::Data<(Offering, Arc<Flow>)>) -> HttpResponse {
    match serve(&request, &state.0, &state.1, SystemTime::now()) {
        Ok(response) => response,
        Err(Refusal::PreconditionFailed) => HttpResponse::PreconditionFailed().finish(),
        Err(Refusal::RangeNotSatisfiable { size }) => HttpResponse::RangeNotSatisfiable()
            .insert_header(("content-range", format!("bytes */{size}")))
            .finish(),
        Err(Refusal::Stopped) => HttpResponse::Forbidden().finish(),
        Err(Refusal::Unspeakable) => HttpResponse::InternalServerError().finish(),
    }
}

macro_rules! site {
    ($state:expr) => {
        App::new()
            .app_data($state.clone())
            .route("/film", web::get().to(answer))
            .route("/film", web::head().to(answer))
            .route("/word", web::get().to(async || "a word"))
    };
}

pub(crate) fn start(door: Door, content: Vec<u8>, flow: Flow) -> Served {
    let flow = Arc::new(flow);
    let service = matches!(door, Door::Remote).then(S3Server::start);
    let (file, source) = match &service {
        Some(service) => remote(service, &content),
        None => {
            let file = tempfile::tempfile().unwrap();
            file.write_all_at(&content, 0).unwrap();
            (file.try_clone().unwrap(), file.into())
        }
    };
    let what = offering(&content, source);
    let state = web::Data::new((what.clone(), Arc::clone(&flow)));
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let running = match door {
        Door::Buffered | Door::Remote => HttpServer::new(move || site!(state))
            .workers(2)
            .disable_signals()
            .on_connect(socket::remember)
            .listen(listener)
            .unwrap()
            .run(),
        Door::Direct => run_direct(state, listener),
    };
    let stop = running.handle();
    actix_web::rt::spawn(running);
    Served {
        url: format!("http://{address}/film"),
        address,
        content,
        flow,
        what,
        file,
        service,
        stop,
    }
}

fn run_direct(state: web::Data<(Offering, Arc<Flow>)>, listener: std::net::TcpListener) -> Server {
    let server = Server::build().workers(2).disable_signals();
    let listening = server.listen("direct", listener, move || {
        let routes = map_config(site!(state), |()| AppConfig::default())
            .map_err(|error: actix_web::Error| error.error_response());
        let http = HttpService::build()
            .on_connect_ext(|connection: &WatchedStream, data: &mut Extensions| {
                socket::remember(connection, data);
            })
            .finish(routes);
        fn_service(async |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            Ok::<_, DispatchError>((WatchedStream::new(stream), Protocol::Http1, peer))
        })
        .and_then(http)
    });
    listening.unwrap().run()
}

pub(crate) fn film(door: Door) -> Served {
    start(door, content(SIZE), Flow::default())
}

pub(crate) async fn get(
    served: &Served,
    fields: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = reqwest::Client::new().get(&served.url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let headers = answer.headers().clone();
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

pub(crate) fn field<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |v| v.to_str().unwrap())
}

pub(crate) async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within five seconds");
}
