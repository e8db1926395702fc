//! A service that speaks S3, in this process, over a folder; it can be told to fail.
//!
//! An object is a plain file of that folder: [`S3Server::object`].

use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::stream::{Stream, StreamExt as _};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::stream::{ByteStream, DynByteStream};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub const KEY: &str = "test-key";
pub const SECRET: &str = "test-secret";
const BUCKET: &str = "house";

/// The service; it ends with the value.
pub struct S3Server {
    folder: tempfile::TempDir,
    endpoint: String,
    pub watch: Arc<Watch>,
    _stop: oneshot::Sender<()>,
}

/// What the service has seen, and what it is to do.
#[derive(Default)]
pub struct Watch {
    /// Parts that it took.
    pub parts: AtomicUsize,
    /// Requests for bytes.
    pub reads: AtomicUsize,
    /// Whether the last step of an object in parts asked not to replace anything.
    pub was_conditional: AtomicUsize,
    fault: Mutex<Option<Fault>>,
}

/// What goes wrong.
pub enum Fault {
    /// After so many further parts the next ones are refused.
    NoMoreParts(usize),
    /// The next part belongs to an upload that the service knows nothing of.
    Forgotten,
    /// The last step of an object in parts is taken, and the answer is lost.
    LostAnswer,
    /// This is done before the last step of an object in parts.
    Before(Box<dyn FnOnce() + Send>),
    /// The next answers with bytes break off.
    BreakOff(usize),
}

impl S3Server {
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let files = s3s_fs::FileSystem::new(folder.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let (service, watch) = (service.build(), Arc::<Watch>::default());
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let seen = Arc::clone(&watch);
        // A thread of its own: tests with one thread wait for it.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, service, seen) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            folder,
            endpoint,
            watch,
            _stop: stop,
        }
    }

    /// The address of a part of its bucket, as `storage.url` takes it.
    #[must_use]
    pub fn url(&self, prefix: &str) -> String {
        let endpoint = &self.endpoint;
        format!("s3://{BUCKET}/{prefix}?endpoint={endpoint}&region=eu-north-1")
    }

    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    #[must_use]
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// The file of an object.
    #[must_use]
    pub fn object(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// Every object, by its key.
    #[must_use]
    pub fn objects(&self) -> Vec<String> {
        fn collect(folder: PathBuf, below: &str, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                let key = format!("{below}{name}");
                if path.is_dir() {
                    collect(path, &format!("{key}/"), found);
                } else {
                    found.push(key);
                }
            }
        }
        let mut found = Vec::new();
        collect(self.folder.path().join(BUCKET), "", &mut found);
        found
    }

    /// Files of parts that are not an object yet.
    #[must_use]
    pub fn loose_parts(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries
            .filter(|it| {
                let name = it.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with(".upload_id")
            })
            .count()
    }

    pub fn fail(&self, fault: Fault) {
        *self.watch.fault.lock().unwrap() = Some(fault);
    }

    pub fn heal(&self) {
        *self.watch.fault.lock().unwrap() = None;
    }
}

async fn accept(listener: std::net::TcpListener, service: S3Service, watch: Arc<Watch>) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (service, watch) = (service.clone(), Arc::clone(&watch));
        let answer = service_fn(move |request| answer(request, service.clone(), watch.clone()));
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), answer));
    }
}

async fn answer(
    request: Request<Incoming>,
    service: S3Service,
    watch: Arc<Watch>,
) -> Result<Response<Body>, Infallible> {
    let query = request.uri().query().unwrap_or_default();
    let is_part = query.contains("partNumber=") && request.method() == Method::PUT;
    let is_upload = query.contains("uploadId=");
    let is_last = is_upload && request.method() == Method::POST;
    let is_read = query.is_empty() && request.method() == Method::GET;
    if is_last {
        let asks = request.headers().contains_key("if-none-match");
        watch.was_conditional.store(asks.into(), Ordering::SeqCst);
    }
    if is_read {
        watch.reads.fetch_add(1, Ordering::SeqCst);
    }
    let fault = watch.take(is_part, is_last, is_read);
    let is_lost = matches!(fault, Some(Fault::LostAnswer));
    let is_broken = matches!(fault, Some(Fault::BreakOff(_)));
    match fault {
        Some(Fault::NoMoreParts(_)) => {
            // Whoever is answered while it sends may not hear the answer.
            drain(&mut Body::from(request.into_body())).await;
            return Ok(refuse(StatusCode::FORBIDDEN, "AccessDenied"));
        }
        Some(Fault::Forgotten) => {
            drain(&mut Body::from(request.into_body())).await;
            return Ok(refuse(StatusCode::NOT_FOUND, "NoSuchUpload"));
        }
        Some(Fault::Before(work)) => work(),
        _ => {}
    }
    let answered = service.call(request.map(Body::from)).await;
    let mut answered = answered.unwrap_or_else(|error| panic!("{error:?}"));
    if is_upload && answered.status() == StatusCode::FORBIDDEN {
        // So it says that there is no such upload; S3 itself says it like this.
        return Ok(refuse(StatusCode::NOT_FOUND, "NoSuchUpload"));
    }
    if is_part && answered.status().is_success() {
        watch.parts.fetch_add(1, Ordering::SeqCst);
    }
    if is_lost {
        // The service finishes while it answers.
        drain(answered.body_mut()).await;
        return Ok(refuse(StatusCode::FORBIDDEN, "AccessDenied"));
    }
    if is_broken {
        // It says how long it is, and ends before that.
        let (head, mut body) = answered.into_parts();
        let first = body.next().await.and_then(Result::ok).unwrap_or_default();
        let broken = Broken(Some(first.slice(..first.len() / 2)));
        let broken: DynByteStream = Box::pin(broken);
        return Ok(Response::from_parts(head, Body::from(broken)));
    }
    Ok(answered)
}

impl Watch {
    /// The fault that this request is to have, if any.
    fn take(&self, is_part: bool, is_last: bool, is_read: bool) -> Option<Fault> {
        let mut fault = self.fault.lock().unwrap();
        match fault.take() {
            Some(Fault::NoMoreParts(0)) if is_part => {
                *fault = Some(Fault::NoMoreParts(0));
                Some(Fault::NoMoreParts(0))
            }
            Some(Fault::NoMoreParts(left)) if is_part => {
                *fault = Some(Fault::NoMoreParts(left - 1));
                None
            }
            Some(Fault::BreakOff(left)) if is_read && left > 0 => {
                *fault = Some(Fault::BreakOff(left - 1));
                Some(Fault::BreakOff(left))
            }
            Some(it @ Fault::Forgotten) if is_part => Some(it),
            Some(it @ (Fault::LostAnswer | Fault::Before(_))) if is_last => Some(it),
            other => {
                *fault = other;
                None
            }
        }
    }
}

/// Some bytes, and then no end but an error.
struct Broken(Option<bytes::Bytes>);

impl Stream for Broken {
    type Item = Result<bytes::Bytes, s3s::StdError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.0.take();
        Poll::Ready(Some(next.ok_or_else(|| "broken off".into())))
    }
}

impl ByteStream for Broken {}

async fn drain(body: &mut Body) {
    while body.next().await.is_some() {}
}

fn refuse(status: StatusCode, code: &str) -> Response<Body> {
    let text = format!("<Error><Code>{code}</Code><Message>as the test asked</Message></Error>");
    let mut refused = Response::new(Body::from(text));
    *refused.status_mut() = status;
    refused
}
