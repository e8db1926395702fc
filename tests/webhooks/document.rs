//! The lines of docs/WEBHOOKS.md that receivers copy do what is said of them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::receiver::{Receiver, Request};
use crate::{add, house};

const DOCUMENT: &str = include_str!("../../docs/WEBHOOKS.md");

/// Asks the document's function about each of the requests in `asked`.
const ASK: &str = "
import json, sys
for it in json.load(sys.stdin):
    print(json.dumps(is_from_the_house(it['secret'], it['headers'], it['body'].encode())))
";

/// The only program of the document in Python.
fn program() -> &'static str {
    let mut parts = DOCUMENT.split("```python\n").skip(1);
    let program = parts.next().unwrap().split("```").next().unwrap();
    assert!(parts.next().is_none());
    program
}

fn answers(asked: &[Value]) -> Vec<bool> {
    let mut python = Command::new("python3")
        .args(["-c", &format!("{}{ASK}", program())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is missing: apt-get install python3");
    let mut pipe = python.stdin.take().unwrap();
    pipe.write_all(json!(asked).to_string().as_bytes()).unwrap();
    drop(pipe);
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|it| it == "true").collect()
}

fn as_json(request: &Request, secret: &str) -> Value {
    json!({"secret": secret, "headers": request.headers, "body": request.body})
}

#[actix_web::test]
async fn the_check_of_the_document_knows_the_house_from_others() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    let other = add(&admin, &receiver.url(), &["notice.published"]).await;
    hook.ping(&admin).await;
    let sent = receiver.until(1).await.remove(0);
    let forged = |change: &dyn Fn(&mut Request)| {
        let mut forged = sent.clone();
        change(&mut forged);
        as_json(&forged, &hook.secret)
    };
    let header = |name: &'static str, value: &'static str| {
        forged(&move |it| drop(it.headers.insert(name.to_owned(), value.to_owned())))
    };
    let signature = &sent.headers["webhook-signature"];
    let asked = [
        as_json(&sent, &hook.secret),
        // A convention of the signature that is to come is passed over.
        forged(&|it| {
            let several = format!("v2,AAAA {signature}");
            it.headers.insert("webhook-signature".to_owned(), several);
        }),
        as_json(&sent, &other.secret),
        forged(&|it| it.body = it.body.replace("ping", "pong")),
        forged(&|it| it.body.push(' ')),
        header("webhook-id", "019a9f6e-7c1a-7000-8000-3b1f0c2d9e11"),
        header("webhook-signature", "v1,AAAA"),
        header("webhook-signature", "v1,\u{e9}"),
        header("webhook-signature", ""),
        header("webhook-timestamp", "1614265330"),
        header("webhook-timestamp", "soon"),
        forged(&|it| drop(it.headers.remove("webhook-timestamp"))),
        forged(&|it| it.headers.clear()),
    ];
    let answers = answers(&asked);
    assert_eq!(answers.len(), asked.len());
    assert_eq!(answers[..2], [true, true]);
    for (answer, asked) in answers.iter().zip(&asked).skip(2) {
        assert!(!answer, "{asked}");
    }
}

/// An old request, sent again by somebody who has overheard it.
#[actix_web::test]
async fn the_check_of_the_document_refuses_what_is_old() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    // The house is ahead of the time, so to Python the request is as wrong as an old one.
    app.advance(chrono::TimeDelta::minutes(6));
    hook.ping(&admin).await;
    let sent = receiver.until(1).await.remove(0);
    assert!(sent.is_signed_with(&hook.secret));
    assert_eq!(answers(&[as_json(&sent, &hook.secret)]), [false]);
}
