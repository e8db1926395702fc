//! What becomes of connections: many answers on one, clients that go away or do not read, limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use playhouse::transfers::flow::Flow;
use playhouse::transfers::spans::SpanSet;
use playhouse::transfers::throttle::Throttle;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::served::{Door, SIZE, Served, content, film, get, start, wait_until};

each!(
    many_ranges_on_one_connection,
    a_file_shorter_than_its_record_cuts_the_response,
    an_answer_that_is_cut_at_its_first_byte_has_begun,
    a_client_that_goes_away_leaves_a_cut_transfer,
    stopping_ends_even_a_client_that_does_not_read,
    a_rate_limit_is_kept,
    pipelined_answers_keep_their_order,
);

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
    // The last bytes may be here before they are counted there.
    wait_until(|| served.flow.delivered().covers(SIZE as u64)).await;
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

async fn an_answer_that_is_cut_at_its_first_byte_has_begun(door: Door) {
    let served = film(door);
    served.file.set_len(0).unwrap();
    let answer = reqwest::get(&served.url).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err());
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

/// A plain socket with the whole file asked for.
async fn ask(served: &Served) -> TcpStream {
    let mut client = TcpStream::connect(served.address).await.unwrap();
    let request = b"GET /film HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(request).await.unwrap();
    client
}
