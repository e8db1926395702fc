//! Input that does not fit: an error or a close code, never a crash, and nobody else notices.

use playhouse_test_support::{TestApp, text};
use serde_json::{Value, json};

use crate::wire::{Raw, Socket, frame, settles};

#[actix_web::test]
async fn bad_requests_are_answered_with_problems() {
    let app = TestApp::start_with(|config| config.realtime.requests_burst = 1000).await;
    let member = app.member("anna").await;
    let mut socket = Socket::open(&app, &member).await;
    let deep = "[".repeat(30_000);
    for (said, re, code) in [
        ("{", Value::Null, "malformed_json"),
        ("hello", Value::Null, "malformed_json"),
        ("[1]", Value::Null, "malformed_json"),
        ("null", Value::Null, "malformed_json"),
        (deep.as_str(), Value::Null, "malformed_json"),
        (r#"{"id": -1, "op": "ping"}"#, Value::Null, "invalid"),
        (r#"{"id": "1", "op": "ping"}"#, Value::Null, "invalid"),
        (r#"{"id": 1}"#, json!(1), "invalid"),
        (r#"{"id": 1, "op": "explode"}"#, json!(1), "invalid"),
        (r#"{"id": 1, "op": 7}"#, json!(1), "invalid"),
        (r#"{"id": 1, "op": "ping", "x": 1}"#, json!(1), "invalid"),
    ] {
        socket.say(said).await;
        let answer = socket.next().await.unwrap();
        let short = said.get(..40).unwrap_or(said);
        assert_eq!(answer["re"], re, "{short}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{short}: {answer}");
        assert!(!text(&answer["error"]["detail"]).is_empty());
        assert!(!text(&answer["error"]["request_id"]).is_empty());
    }
    let many = vec![r#"{"op": "ping"}"#; 101].join("\n");
    socket.say(&many).await;
    assert_eq!(
        socket.next().await.unwrap()["error"]["code"],
        "payload_too_large"
    );
    assert_eq!(socket.done(json!({"op": "ping"})).await, json!({}));
}

#[actix_web::test]
async fn bad_frames_end_the_connection_with_a_code() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    let mut bystander = Socket::open(&app, &member).await;
    let large = vec![b'a'; 1 << 20];
    let half = [frame(0x01, &large[..40_000]), frame(0x80, &large[..40_000])].concat();
    let announced = [0x81, 0xff, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff];
    let cases: &[(&str, Vec<u8>, u16)] = &[
        ("binary", frame(0x82, b"\0\x01"), 1003),
        ("not UTF-8", frame(0x81, b"{\"op\": \"\xff\"}"), 1007),
        ("1 MB", frame(0x81, &large), 1009),
        ("fragments of 80 KB", half, 1009),
        ("an announcement of 140 TB", announced.to_vec(), 1009),
        ("compressed", frame(0xC1, b"\xaa\x56\x4a"), 1002),
        ("an unknown opcode", frame(0x83, b"x"), 1002),
        ("a continuation of nothing", frame(0x80, b"x"), 1002),
        ("no mask", vec![0x81, 2, b'{', b'}'], 1002),
        ("a bad close code", frame(0x88, b"\x03\xed"), 1002),
        ("close", frame(0x88, b"\x03\xe8"), 1000),
        ("close without a code", frame(0x88, b""), 1000),
    ];
    for (what, bytes, code) in cases {
        let mut raw = Raw::open(&app, &member).await;
        // The server may have closed before all of it is sent.
        let (mut reading, mut writing) = raw.stream.split();
        let sent = tokio::io::AsyncWriteExt::write_all(&mut writing, bytes);
        let mut rest = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut rest);
        let (_, _) = crate::wire::within(async { tokio::join!(sent, read) }).await;
        let close = rest.windows(4).rev().find(|it| it[0] == 0x88);
        let found = close.map(|it| u16::from_be_bytes([it[2], it[3]]));
        assert_eq!(found, Some(*code), "{what}");
    }
    assert_eq!(bystander.done(json!({"op": "ping"})).await, json!({}));
    settles(&app, "playhouse_realtime_sockets", 1.0).await;
}

#[actix_web::test]
async fn fragments_and_pings_between_them_are_understood() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    let mut raw = Raw::open(&app, &member).await;
    for part in [
        frame(0x01, br#"{"id": 7, "#),
        frame(0x89, b"are you there"),
        frame(0x00, br#""op""#),
        frame(0x80, br#": "ping"}"#),
        frame(0x88, b"\x03\xe8"),
    ] {
        for byte in part {
            raw.send(&[byte]).await;
        }
    }
    let mut rest = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut raw.stream, &mut rest);
    crate::wire::within(read).await.unwrap();
    let has = |part: &[u8]| rest.windows(part.len()).any(|it| it == part);
    assert!(has(b"\x8a\x0dare you there"));
    assert!(has(br#"{"re":7,"ok":{}}"#));
}

#[actix_web::test]
async fn a_flood_of_requests_is_refused_and_the_rest_answered() {
    let app = TestApp::start_with(|config| {
        config.realtime.requests_burst = 50;
        config.realtime.requests_per_second = 1;
    })
    .await;
    let member = app.member("anna").await;
    let mut socket = Socket::open(&app, &member).await;
    let mut calm = Socket::open(&app, &member).await;
    for id in 0..1000 {
        socket
            .say(&json!({"id": id, "op": "ping"}).to_string())
            .await;
    }
    let mut answered = 0;
    for id in 0..1000 {
        let answer = socket.next().await.unwrap();
        assert_eq!(answer["re"], id);
        match answer["error"]["code"].as_str() {
            None => answered += 1,
            Some(code) => assert_eq!(code, "too_many_requests"),
        }
    }
    assert!((50..60).contains(&answered), "{answered} were answered");
    assert_eq!(calm.done(json!({"op": "ping"})).await, json!({}));
}
