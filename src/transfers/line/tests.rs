//! When a connection gives and takes.

use std::future::poll_fn;

use tokio::io::{AsyncReadExt, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

#[tokio::test]
async fn a_line_is_drained_only_when_all_was_accepted() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (mut theirs, _) = listener.accept().await.unwrap();
    let mut stream = WatchedStream::new(ours.unwrap());
    let line = stream.line();
    let mut write = |cx: &mut Context<'_>| Pin::new(&mut stream).poll_write(cx, &[7; 65536]);
    poll_fn(|cx| {
        line.ask_for_drain(cx);
        let mut accepted = 0;
        while let Poll::Ready(written) = write(cx) {
            accepted += written.unwrap();
            assert!(!line.is_drained(cx), "more may be buffered");
        }
        assert!(accepted > 0 && !line.is_drained(cx), "the socket is full");
        Poll::Ready(())
    })
    .await;
    poll_fn(|cx| Pin::new(&mut stream).poll_flush(cx))
        .await
        .unwrap();
    assert!(poll_fn(|cx| Poll::Ready(line.is_drained(cx))).await);
    theirs.read_exact(&mut [0; 1000]).await.unwrap();
}

#[tokio::test]
async fn a_metered_body_is_not_read_ahead_of_its_use() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (mut theirs, _) = listener.accept().await.unwrap();
    let mut stream = WatchedStream::new(ours.unwrap());
    let line = stream.line();
    theirs.write_all(&[7; 100]).await.unwrap();
    line.meter(20);
    let mut bytes = [0; 10];
    stream.read_exact(&mut bytes).await.unwrap();
    stream.read_exact(&mut bytes).await.unwrap();
    let limit = std::time::Duration::from_millis(50);
    let further = tokio::time::timeout(limit, stream.read_exact(&mut bytes)).await;
    assert!(
        further.is_err(),
        "twenty bytes are ahead, and nobody took one"
    );
    let take = async {
        tokio::task::yield_now().await;
        line.took(15, 20);
    };
    let (read, ()) = tokio::join!(stream.read_exact(&mut bytes), take);
    read.unwrap();
    line.unmeter();
    stream.read_exact(&mut [0; 70]).await.unwrap();
}

#[tokio::test]
async fn a_waiting_body_is_woken_by_the_flush() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
    let mut stream = WatchedStream::new(ours.unwrap());
    let line = stream.line();
    let local = tokio::task::LocalSet::new();
    let waiting = local.spawn_local({
        let line = Rc::clone(&line);
        let mut is_first = true;
        poll_fn(move |cx| {
            if std::mem::take(&mut is_first) {
                line.ask_for_drain(cx);
                return Poll::Pending;
            }
            match line.is_drained(cx) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    });
    local
        .run_until(async move {
            tokio::task::yield_now().await;
            poll_fn(|cx| Pin::new(&mut stream).poll_flush(cx))
                .await
                .unwrap();
            let limit = std::time::Duration::from_secs(5);
            tokio::time::timeout(limit, waiting).await.unwrap().unwrap();
        })
        .await;
}
