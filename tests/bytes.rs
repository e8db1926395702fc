//! How a file is served: the transfers slice behind a real server on port 0.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

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
use playhouse::transfers::throttle::Throttle;
use playhouse::transfers::{socket, spans::SpanSet};
use playhouse_test_support::s3::{self, S3Server};
use reqwest::header::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SIZE: usize = 3_000_017;
const WHEN: u64 = 784_111_777;
const WHEN_TEXT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// The ways to the socket: every rule holds on each.
#[derive(Clone, Copy, Debug)]
enum Door {
    /// From an object of a storage service.
    Remote,
    /// Through the protocol layer's buffer, as with TLS.
    Buffered,
    /// From the page cache by `sendfile`, as on plain connections.
    Direct,
}

/// Runs a test through every door.
macro_rules! each {
    ($($name:ident),* $(,)?) => {
        mod remote {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Remote).await; })*
        }
        mod buffered {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Buffered).await; })*
        }
        mod direct {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Direct).await; })*
        }
    };
}

struct Served {
    url: String,
    address: std::net::SocketAddr,
    content: Vec<u8>,
    flow: Arc<Flow>,
    what: Offering,
    /// Where the bytes come from.
    file: std::fs::File,
    service: Option<S3Server>,
    stop: actix_web::dev::ServerHandle,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.stop(false));
    }
}

each!(
    a_whole_file_with_all_that_is_said_about_it,
    head_says_the_same_and_sends_nothing,
    single_ranges,
    several_ranges_come_as_parts_in_the_order_asked_for,
    ranges_that_are_refused_or_ignored,
    conditions_are_kept,
    an_empty_file,
    many_ranges_on_one_connection,
    a_file_shorter_than_its_record_cuts_the_response,
    a_client_that_goes_away_leaves_a_cut_transfer,
    stopping_ends_even_a_client_that_does_not_read,
    a_rate_limit_is_kept,
    pipelined_answers_keep_their_order,
    a_cold_file_is_read_in,
);

fn content(size: usize) -> Vec<u8> {
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

fn start(door: Door, content: Vec<u8>, flow: Flow) -> Served {
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

fn film(door: Door) -> Served {
    start(door, content(SIZE), Flow::default())
}

async fn get(served: &Served, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = reqwest::Client::new().get(&served.url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let headers = answer.headers().clone();
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

fn field<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |v| v.to_str().unwrap())
}

async fn a_whole_file_with_all_that_is_said_about_it(door: Door) {
    let served = film(door);
    let (status, headers, body) = get(&served, &[]).await;
    assert_eq!(status, 200);
    assert!(body == served.content, "the bytes differ");
    let tag = format!("\"{}\"", served.what.tag);
    assert_eq!(field(&headers, "etag"), tag);
    assert_eq!(field(&headers, "accept-ranges"), "bytes");
    assert_eq!(field(&headers, "content-length"), SIZE.to_string());
    assert_eq!(field(&headers, "content-type"), "video/mp4");
    assert_eq!(field(&headers, "last-modified"), WHEN_TEXT);
    assert_eq!(field(&headers, "cache-control"), "private, no-transform");
    assert_eq!(field(&headers, "x-content-type-options"), "nosniff");
    assert_eq!(
        field(&headers, "repr-digest"),
        "sha-256=:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=:"
    );
    assert_eq!(
        field(&headers, "content-disposition"),
        "attachment; filename=\"__ _a_.mp4\"; filename*=UTF-8''%E5%BD%B1%E7%89%87%20%22a%22.mp4"
    );
    let tally = served.flow.tally();
    assert_eq!(
        (tally.sent, tally.completed, tally.cut),
        (SIZE as u64, 1, 0)
    );
    assert!(served.flow.delivered().covers(SIZE as u64));
}

async fn head_says_the_same_and_sends_nothing(door: Door) {
    let served = film(door);
    let answer = reqwest::Client::new()
        .head(&served.url)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(field(answer.headers(), "content-length"), SIZE.to_string());
    assert_eq!(field(answer.headers(), "accept-ranges"), "bytes");
    assert_eq!(served.flow.tally().sent, 0);
}

async fn single_ranges(door: Door) {
    let served = film(door);
    for (asked, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=5-1000004", 5, 1_000_005),
        ("bytes=-17", SIZE - 17, SIZE),
        ("bytes=2999999-", 2_999_999, SIZE),
        ("bytes=0-99999999", 0, SIZE),
    ] {
        let (status, headers, body) = get(&served, &[("range", asked)]).await;
        assert_eq!(status, 206, "{asked}");
        assert!(body == served.content[start..end], "{asked}");
        let range = format!("bytes {start}-{}/{SIZE}", end - 1);
        assert_eq!(field(&headers, "content-range"), range);
        assert_eq!(field(&headers, "content-type"), "video/mp4");
    }
}

async fn several_ranges_come_as_parts_in_the_order_asked_for(door: Door) {
    let served = film(door);
    let (status, headers, body) = get(&served, &[("range", "bytes=2000000-2999999,0-9,-7")]).await;
    assert_eq!(status, 206);
    let boundary = field(&headers, "content-type")
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    assert_eq!(field(&headers, "content-length"), body.len().to_string());
    assert_eq!(field(&headers, "content-range"), "");
    let mut expected = Vec::new();
    for (start, end) in [(2_000_000, 3_000_000), (0, 10), (SIZE - 7, SIZE)] {
        let last = end - 1;
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: video/mp4\r\nContent-Range: bytes {start}-{last}/{SIZE}\r\n\r\n"
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(&served.content[start..end]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(body == expected, "the parts differ");
    assert_eq!(
        served.flow.tally().sent,
        1_000_017,
        "part heads are not counted"
    );
}

async fn ranges_that_are_refused_or_ignored(door: Door) {
    let served = film(door);
    let (status, headers, _) = get(&served, &[("range", "bytes=3000017-")]).await;
    assert_eq!(status, 416);
    assert_eq!(field(&headers, "content-range"), format!("bytes */{SIZE}"));
    for ignored in ["bytes=9-1", "seconds=1-2", "bytes=x"] {
        let (status, _, body) = get(&served, &[("range", ignored)]).await;
        assert_eq!((status.as_u16(), body.len()), (200, SIZE), "{ignored}");
    }
    let many: Vec<String> = (0..500).map(|i| format!("{0}-{0}", i * 3)).collect();
    let many = format!("bytes={}", many.join(","));
    let (status, _, body) = get(&served, &[("range", &many)]).await;
    assert_eq!((status.as_u16(), body.len()), (200, SIZE));
}

async fn conditions_are_kept(door: Door) {
    let served = film(door);
    let tag = format!("\"{}\"", served.what.tag);
    let (status, headers, body) = get(&served, &[("if-none-match", &tag)]).await;
    assert_eq!((status.as_u16(), body.len()), (304, 0));
    assert_eq!(field(&headers, "etag"), tag);
    assert_eq!(get(&served, &[("if-match", "\"other\"")]).await.0, 412);
    assert_eq!(
        get(&served, &[("if-modified-since", WHEN_TEXT)]).await.0,
        304
    );
    for (if_range, status) in [(tag.as_str(), 206), (WHEN_TEXT, 206), ("\"other\"", 200)] {
        let fields = [("range", "bytes=0-9"), ("if-range", if_range)];
        assert_eq!(get(&served, &fields).await.0, status, "{if_range}");
    }
}

async fn an_empty_file(door: Door) {
    let served = start(door, Vec::new(), Flow::default());
    let (status, headers, body) = get(&served, &[]).await;
    assert_eq!((status.as_u16(), body.len()), (200, 0));
    assert_eq!(field(&headers, "content-length"), "0");
    assert_eq!(get(&served, &[("range", "bytes=-5")]).await.0, 200);
    assert_eq!(get(&served, &[("range", "bytes=0-")]).await.0, 416);
}

async fn many_ranges_on_one_connection(door: Door) {
    let served = film(door);
    let client = reqwest::Client::new();
    let step = 100_000;
    for start in (0..SIZE).step_by(step) {
        let end = (start + step).min(SIZE);
        let range = format!("bytes={start}-{}", end - 1);
        let answer = client
            .get(&served.url)
            .header("range", range)
            .send()
            .await
            .unwrap();
        assert!(answer.bytes().await.unwrap() == served.content[start..end]);
    }
    assert!(served.flow.delivered().covers(SIZE as u64));
}

async fn a_file_shorter_than_its_record_cuts_the_response(door: Door) {
    let served = film(door);
    served.file.set_len(1000).unwrap();
    let whole = match reqwest::get(&served.url).await {
        Ok(answer) => answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "a short file must not look whole");
    wait_until(|| served.flow.tally().cut == 1).await;
}

async fn a_client_that_goes_away_leaves_a_cut_transfer(door: Door) {
    let served = start(door, content(64 << 20), Flow::default());
    let mut client = ask(&served).await;
    client.read_exact(&mut [0; 1000]).await.unwrap();
    drop(client);
    wait_until(|| served.flow.tally().cut == 1).await;
    assert!(!served.flow.delivered().covers(served.what.size));
}

async fn stopping_ends_even_a_client_that_does_not_read(door: Door) {
    let served = start(door, content(64 << 20), Flow::default());
    let mut client = ask(&served).await;
    client.read_exact(&mut [0; 1000]).await.unwrap();
    wait_until(|| served.flow.tally().sent > 0).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = served.flow.tally().sent;
    served.flow.stop();
    wait_until(|| served.flow.tally().open == 0).await;
    assert_eq!(served.flow.tally().sent, before, "not a byte more");
    let mut rest = Vec::new();
    // The rest of what the kernel held, then the end or a reset: never the whole file.
    let _ = client.read_to_end(&mut rest).await;
    assert!(rest.len() < 64 << 20);
    assert_eq!(get(&served, &[]).await.0, 403, "and nobody joins");
}

async fn a_rate_limit_is_kept(door: Door) {
    let rate = 4_000_000;
    let flow = Flow::resume(0, SpanSet::default(), Some(Arc::new(Throttle::new(rate))));
    let served = start(door, content(SIZE), flow);
    let begun = Instant::now();
    let (_, _, body) = get(&served, &[]).await;
    assert!(body == served.content);
    let least = Duration::from_secs_f64(SIZE as f64 / rate as f64 - 0.25);
    assert!(begun.elapsed() >= least, "{:?}", begun.elapsed());
}

/// One answer on a raw connection: its status line, and a body of the length that it says.
async fn read_answer(client: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(!head.contains("transfer-encoding"), "{head}");
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    client.read_exact(&mut body).await.unwrap();
    (head.lines().next().unwrap().to_owned(), body)
}

async fn pipelined_answers_keep_their_order(door: Door) {
    let size = 8 << 20;
    let served = start(door, content(size), Flow::default());
    let mut client = TcpStream::connect(served.address).await.unwrap();
    let range = |start: usize, end: usize| {
        format!(
            "GET /film HTTP/1.1\r\nHost: x\r\nRange: bytes={start}-{}\r\n\r\n",
            end - 1
        )
    };
    let word = "GET /word HTTP/1.1\r\nHost: x\r\n\r\n";
    let asked = [
        word,
        &range(5, size),
        word,
        word,
        &range(0, 10),
        &range(7, size - 1),
        word,
    ];
    let all = asked.concat();
    client.write_all(all.as_bytes()).await.unwrap();
    // The socket fills up before anything is read.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let expected: [&[u8]; 7] = [
        b"a word",
        &served.content[5..],
        b"a word",
        b"a word",
        &served.content[..10],
        &served.content[7..size - 1],
        b"a word",
    ];
    for (number, wanted) in expected.into_iter().enumerate() {
        let (status, body) = read_answer(&mut client).await;
        assert!(status.starts_with("http/1.1 20"), "{number}: {status}");
        assert!(body == wanted, "answer {number} differs");
    }
}

async fn a_cold_file_is_read_in(door: Door) {
    let size = 5_000_001;
    let served = start(door, content(size), Flow::default());
    served.file.sync_all().unwrap();
    rustix::fs::fadvise(&served.file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let (status, _, body) = get(&served, &[("range", "bytes=1-")]).await;
    assert_eq!(status, 206);
    assert!(body == served.content[1..], "the bytes differ");
}

#[actix_web::test]
async fn an_object_that_breaks_off_is_gone_on_with() {
    let size = 20 << 20;
    let served = start(Door::Remote, content(size), Flow::default());
    let service = served.service.as_ref().unwrap();
    service.fail(s3::Fault::BreakOff(2));
    let (status, _, body) = get(&served, &[]).await;
    assert!(status == 200 && body == served.content);
    let (status, _, body) = get(&served, &[("range", "bytes=0-9,10000000-19999999")]).await;
    assert_eq!(status, 206);
    let last = body
        .windows(1000)
        .any(|it| *it == served.content[19_999_000..20_000_000]);
    assert!(last, "every part is whole");
    let tally = served.flow.tally();
    assert_eq!((tally.completed, tally.cut), (2, 0));
    assert_eq!(tally.sent, 20_000_010 - 10_000_000 + size as u64);
}

#[actix_web::test]
async fn an_object_that_is_gone_cuts_the_response() {
    let served = film(Door::Remote);
    std::fs::remove_file(served.service.as_ref().unwrap().object("film")).unwrap();
    let whole = match reqwest::get(&served.url).await {
        Ok(answer) => answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "nothing must not look like the film");
    wait_until(|| served.flow.tally().cut == 1).await;
}

/// A plain socket with the whole file asked for.
async fn ask(served: &Served) -> TcpStream {
    let mut client = TcpStream::connect(served.address).await.unwrap();
    let request = b"GET /film HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(request).await.unwrap();
    client
}

async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within five seconds");
}
