//! What is said and sent: whole files, ranges, conditions.

use playhouse::transfers::flow::Flow;

use super::served::{Door, SIZE, WHEN_TEXT, content, field, film, get, start};

each!(
    a_whole_file_with_all_that_is_said_about_it,
    head_says_the_same_and_sends_nothing,
    single_ranges,
    several_ranges_come_as_parts_in_the_order_asked_for,
    ranges_that_are_refused_or_ignored,
    conditions_are_kept,
    an_empty_file,
    a_cold_file_is_read_in,
);

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

async fn a_cold_file_is_read_in(door: Door) {
    let size = 5_000_001;
    let served = start(door, content(size), Flow::default());
    served.file.sync_all().unwrap();
    rustix::fs::fadvise(&served.file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let (status, _, body) = get(&served, &[("range", "bytes=1-")]).await;
    assert_eq!(status, 206);
    assert!(body == served.content[1..], "the bytes differ");
}
