//! What is true of every answer: encryption, compression, headers, and what is not HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use playhouse_test_support::{TestApp, problem};
use reqwest::{Method, Version};
use serde_json::Value;
use tempfile::TempDir;

#[actix_web::test]
async fn https_speaks_http2_and_http1() {
    let folder = TempDir::new().unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args([
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder.path())
        .output();
    let made = made.expect("openssl is missing: apt-get install openssl");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let file = |name: &str| folder.path().join(name);
    let app = TestApp::start_with(|config| {
        config.server.tls_cert = Some(file("cert.pem"));
        config.server.tls_key = Some(file("key.pem"));
    })
    .await;
    let cert = reqwest::Certificate::from_pem(&std::fs::read(file("cert.pem")).unwrap()).unwrap();
    let url = app.url.replace("http://", "https://") + "/api/v1/site";
    let builder = || reqwest::Client::builder().tls_certs_only([cert.clone()]);
    for (client, version) in [
        (builder().build().unwrap(), Version::HTTP_2),
        (builder().http1_only().build().unwrap(), Version::HTTP_11),
    ] {
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
        assert!(answer.headers().contains_key("strict-transport-security"));
        assert!(answer.json::<Value>().await.unwrap()["name"].is_string());
    }
    assert!(
        reqwest::get(&url).await.is_err(),
        "a certificate that nobody vouches for"
    );
    assert!(
        reqwest::get(app.url.clone() + "/healthz").await.is_err(),
        "no plain HTTP here"
    );
}

#[actix_web::test]
async fn json_is_compressed_tagged_and_not_sent_twice() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for name in ["ann", "bob", "cat", "dan", "eve", "fay"] {
        app.member(name).await;
    }
    let ask = |coding: &'static str| {
        admin
            .request(Method::GET, "/admin/accounts")
            .header("accept-encoding", coding)
    };
    let plain = ask("identity").send().await.unwrap();
    let tag = plain.headers()["etag"].clone();
    assert_eq!(plain.headers()["cache-control"], "private, no-cache");
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.bytes().await.unwrap();
    for coding in ["gzip", "br"] {
        let packed = ask(coding).send().await.unwrap();
        assert_eq!(packed.headers()["content-encoding"], coding);
        let vary: Vec<_> = packed
            .headers()
            .get_all("vary")
            .iter()
            .map(|it| it.to_str().unwrap().to_lowercase())
            .collect();
        let vary = vary.join(",");
        assert!(
            vary.contains("accept-encoding") && vary.contains("authorization"),
            "{vary}"
        );
        let packed = packed.bytes().await.unwrap();
        assert!(
            packed.len() < plain.len() / 2,
            "{} of {}",
            packed.len(),
            plain.len()
        );
        let mut unpacked = Vec::new();
        match coding {
            "br" => brotli::Decompressor::new(&packed[..], 4096).read_to_end(&mut unpacked),
            _ => flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked),
        }
        .unwrap();
        assert_eq!(unpacked, plain);
    }
    let again = ask("gzip")
        .header("if-none-match", &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["etag"], tag);
    assert!(again.bytes().await.unwrap().is_empty());
    app.member("gil").await;
    let changed = ask("gzip")
        .header("if-none-match", &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], tag);
}

#[actix_web::test]
async fn every_answer_has_the_security_headers_and_an_id() {
    let app = TestApp::start().await;
    let member = app.member("ann").await;
    let mut ids = std::collections::HashSet::new();
    for path in [
        "//",
        "//nowhere",
        "//house.css",
        "//healthz",
        "//readyz",
        "//metrics",
        "//api/docs/",
        "//problems/invalid",
        "/openapi.json",
        "/site",
        "/nowhere",
        "/me",
        "/admin/audit",
        "/sessions",
    ] {
        let answer = member.get(path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains("script-src 'unsafe-inline'"),
            "{path}"
        );
        assert_eq!(
            policy.contains("unsafe-inline"),
            path == "//api/docs/",
            "{path}: {policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        assert!(headers.get("server").is_none(), "{path}");
        assert!(
            headers.get("strict-transport-security").is_none(),
            "{path}: not on plain HTTP"
        );
        let id = headers["x-request-id"].to_str().unwrap().to_owned();
        assert!(ids.insert(id), "{path}: an id of its own");
    }
}

#[actix_web::test]
async fn the_word_of_a_stranger_about_itself_is_not_believed() {
    let app = TestApp::start().await;
    let ask = |app: &TestApp| {
        app.nobody()
            .request(Method::GET, "/nowhere")
            .header("x-request-id", "mine")
            .header("x-forwarded-for", "203.0.113.9")
            .header("x-forwarded-proto", "https")
    };
    let answer = ask(&app).send().await.unwrap();
    assert_ne!(answer.headers()["x-request-id"], "mine");
    assert!(answer.headers().get("strict-transport-security").is_none());
    let id = answer.headers()["x-request-id"].clone();
    let refused = problem(answer, 404, "not_found").await;
    assert_eq!(refused["request_id"], id.to_str().unwrap());
    let metrics = |app: &TestApp| app.nobody().request(Method::GET, "//metrics");
    assert_eq!(
        metrics(&app)
            .header("x-forwarded-for", "203.0.113.9")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );

    let behind =
        TestApp::start_with(|config| config.server.trusted_proxies = vec![[127, 0, 0, 1].into()])
            .await;
    let answer = ask(&behind).send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "mine");
    assert!(answer.headers().contains_key("strict-transport-security"));
    let refused = metrics(&behind)
        .header("x-forwarded-for", "203.0.113.9")
        .send()
        .await
        .unwrap();
    problem(refused, 403, "forbidden").await;
    let admin = behind.admin().await;
    let allowed = admin
        .request(Method::GET, "//metrics")
        .header("x-forwarded-for", "203.0.113.9");
    let text = allowed.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("playhouse_http_requests_total{"), "{text}");
}

/// What is not HTTP ends that connection and nothing else.
#[actix_web::test]
async fn malformed_requests_do_no_harm() {
    let app = TestApp::start().await;
    let address = app.url.strip_prefix("http://").unwrap().to_owned();
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X-Filler: y\r\n".repeat(2000));
    let requests: [&str; 10] = [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        &long,
        &many,
    ];
    for request in requests {
        let (address, bytes) = (address.clone(), request.as_bytes().to_vec());
        let said = tokio::task::spawn_blocking(move || -> String {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            // The server may end the connection before it has read all.
            drop(stream.write_all(&bytes));
            drop(stream.shutdown(std::net::Shutdown::Write));
            let mut said = Vec::new();
            drop(stream.read_to_end(&mut said));
            String::from_utf8_lossy(&said).into_owned()
        })
        .await
        .unwrap();
        let start: String = request.chars().take(40).collect();
        let status = said.split(' ').nth(1).unwrap_or_default();
        assert!(
            said.is_empty() || status.starts_with('4'),
            "{start:?} was answered {said}"
        );
        assert_eq!(
            app.nobody().get("//healthz").await.status(),
            200,
            "after {start:?}"
        );
    }
}
