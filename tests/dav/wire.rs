//! Speaking WebDAV.

use playhouse_test_support::{PASSWORD, TestApp};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const LOCK: &str = "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
    <D:locktype><D:write/></D:locktype><D:owner>a &amp; b</D:owner></D:lockinfo>";

/// A member with a client of their own.
pub(crate) struct Client<'a> {
    pub app: &'a TestApp,
    pub name: String,
}

pub(crate) async fn client<'a>(app: &'a TestApp, name: &str) -> Client<'a> {
    app.member(name).await;
    Client {
        app,
        name: name.to_owned(),
    }
}

pub(crate) fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |it| it.to_str().unwrap())
}

impl Client<'_> {
    pub(crate) fn ask(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}/dav{path}", self.app.url);
        let request = self.app.client.request(method, url);
        request.basic_auth(&self.name, Some(PASSWORD))
    }

    pub(crate) async fn send(&self, method: &str, path: &str) -> Response {
        self.ask(method, path).send().await.unwrap()
    }

    pub(crate) async fn status(&self, method: &str, path: &str) -> StatusCode {
        self.send(method, path).await.status()
    }

    pub(crate) async fn put(&self, path: &str, content: &str) -> Response {
        let request = self.ask("PUT", path).body(content.to_owned());
        request.send().await.unwrap()
    }

    /// The content of a file that must be there.
    pub(crate) async fn content(&self, path: &str) -> String {
        let answer = self.send("GET", path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn find(&self, path: &str, depth: &str, body: &str) -> String {
        let request = self.ask("PROPFIND", path).header("Depth", depth);
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 207, "{path}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn transfer(
        &self,
        method: &str,
        from: &str,
        to: &str,
        overwrite: &str,
    ) -> StatusCode {
        let to = format!("{}/dav{to}", self.app.url);
        let request = self.ask(method, from).header("Destination", to);
        let answer = request.header("Overwrite", overwrite).send().await.unwrap();
        answer.status()
    }

    /// Takes an exclusive lock and answers its token.
    pub(crate) async fn lock(&self, path: &str, depth: &str, timeout: &str) -> String {
        let request = self.ask("LOCK", path).header("Depth", depth);
        let answer = request
            .header("Timeout", timeout)
            .body(LOCK)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let token = header(&answer, "lock-token");
        token.trim_matches(['<', '>']).to_owned()
    }

    pub(crate) async fn change_properties(&self, path: &str, body: &str) -> String {
        let request = self.ask("PROPPATCH", path).body(body.to_owned());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 207, "{path}");
        answer.text().await.unwrap()
    }

    /// The sums of the drive, used and reserved.
    pub(crate) async fn usage(&self) -> (i64, i64) {
        let found = self
            .app
            .app()
            .accounts
            .find_by_name(self.name.clone())
            .await;
        let id = found.unwrap().unwrap().id;
        let usage = self.app.app().drive.usage(id).await.unwrap();
        (usage.used, usage.reserved)
    }
}

/// A property to set.
pub(crate) fn setting(name: &str, value: &str) -> String {
    format!(
        "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><x:{name} xmlns:x=\"urn:x\">{value}</x:{name}>\
         </D:prop></D:set></D:propertyupdate>"
    )
}

pub(crate) fn asking(name: &str) -> String {
    format!(
        "<D:propfind xmlns:D=\"DAV:\"><D:prop><x:{name} xmlns:x=\"urn:x\"/></D:prop></D:propfind>"
    )
}

/// Sends bytes as they are, ends the connection's sending side, and answers what comes back.
pub(crate) async fn raw(app: &TestApp, text: &str) -> String {
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // A server that is done may reset what is still on its way.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
