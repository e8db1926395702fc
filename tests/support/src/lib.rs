//! The real server on port 0 with a database of its own, and people who speak to it.
//!
//! With `PLAYHOUSE_TEST_POSTGRES=postgres://...` (an address that may create databases) every test runs on PostgreSQL,
//! without it on SQLite.

pub mod drives;
pub mod films;
pub mod ftp;
pub mod openapi;
pub mod postgres;
pub mod program;
pub mod s3;
pub mod server;

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse::app::{App, Running};
use playhouse::clock::Clock;
use playhouse::config::Config;
use playhouse::storage::{BlobHash, LocalBlobs};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub const PASSWORD: &str = "open sesame";

pub struct TestApp {
    pub url: String,
    pub clock: Clock,
    pub data: tempfile::TempDir,
    pub client: reqwest::Client,
    running: Box<Running>,
    config: Config,
    database: Option<postgres::TestDatabase>,
}

/// Somebody who is signed in; or nobody, without a token.
#[derive(Clone)]
pub struct Person {
    url: String,
    client: reqwest::Client,
    pub token: Option<String>,
    pub id: String,
    pub name: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with a configuration that `change` has changed.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let data = tempfile::tempdir().unwrap();
        let database = postgres::TestDatabase::create_if_asked();
        let mut config = Config {
            data_dir: data.path().to_owned(),
            ..Config::default()
        };
        config.server.listen = ([127, 0, 0, 1], 0).into();
        config.server.workers = 1;
        config.server.shutdown_seconds = 1;
        config.accounts.bcrypt_cost = 4;
        // Encoding takes long, and most tests are about something else.
        config.films.transcode = false;
        if let Some(database) = &database {
            config.database.url.clone_from(&database.url);
        }
        change(&mut config);
        let clock = Clock::default();
        let app = App::build(config.clone(), clock.clone()).unwrap();
        let running = Box::new(serve(app).await);
        Self {
            config,
            url: format!("http://{}", running.address),
            clock,
            data,
            client: reqwest::Client::new(),
            running,
            database,
        }
    }

    pub fn app(&self) -> &App {
        &self.running.app
    }

    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The address of the database, unless it is the embedded one.
    pub fn database_url(&self) -> Option<&str> {
        Some(self.database.as_ref()?.url.as_str())
    }

    /// Where a content is in the storage, unless that is elsewhere.
    pub fn blob_path(&self, content: &[u8]) -> PathBuf {
        let blobs = LocalBlobs::new(self.data_dir().join("storage/blobs"));
        blobs.path(&BlobHash::from(blake3::hash(content)))
    }

    /// Somebody new of a role, made without the API's limits and signed in.
    pub async fn newcomer(&self, role: Role) -> Person {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let name = format!("n{}", id.get(10..).unwrap_or(&id));
        let new = serde_json::from_value(json!({"username": name, "password": PASSWORD})).unwrap();
        self.app().accounts.create(new, role).await.unwrap();
        self.sign_in(&name).await
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Stops the server and starts it again on the same data, with a configuration that `change` has changed.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let Self {
            running,
            mut config,
            clock,
            ..
        } = self;
        // Apart, so that what waits for this does not grow with the house.
        Box::pin(running.stop()).await.unwrap();
        change(&mut config);
        let app = App::build(config.clone(), clock.clone()).unwrap();
        let running = Box::new(serve(app).await);
        Self {
            url: format!("http://{}", running.address),
            clock,
            running,
            config,
            ..self
        }
    }

    /// Stops the server and drops its database. A test need not: its threads end with the process.
    pub async fn stop(self) {
        let Self {
            running, database, ..
        } = self;
        Box::pin(running.stop()).await.unwrap();
        drop(database);
    }

    pub fn nobody(&self) -> Person {
        Person {
            url: self.url.clone(),
            client: self.client.clone(),
            token: None,
            id: String::new(),
            name: String::new(),
        }
    }

    /// Somebody who holds a token.
    pub fn with_token(&self, token: &str) -> Person {
        Person {
            token: Some(token.to_owned()),
            ..self.nobody()
        }
    }

    /// Makes an admin, the first one by the set-up token.
    pub async fn admin(&self) -> Person {
        let accounts = &self.app().accounts;
        if let Some(token) = accounts.prepare_setup(self.data_dir()).await.unwrap() {
            let body = json!({"token": token, "username": "admin", "password": PASSWORD});
            let answer = self.nobody().post("/setup", body).await;
            assert_eq!(answer.status(), 201);
        }
        self.sign_in("admin").await
    }

    /// Registers a member and signs them in.
    pub async fn member(&self, name: &str) -> Person {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = self.nobody().post("/accounts", body).await;
        assert_eq!(answer.status(), 201);
        self.sign_in(name).await
    }

    pub async fn sign_in(&self, name: &str) -> Person {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = self.nobody().post("/sessions", body).await;
        assert_eq!(answer.status(), 201);
        let session: Value = answer.json().await.unwrap();
        Person {
            token: Some(text(&session["token"])),
            id: text(&session["account"]["id"]),
            name: name.to_owned(),
            ..self.nobody()
        }
    }
}

/// Opens the doors, and waits until nothing that belongs to the start meets what a test does to the clock.
async fn serve(app: App) -> Running {
    let mut running = app.serve().unwrap();
    running.tidied().await;
    running
}

impl Person {
    /// Whoever holds a token of a server that is elsewhere.
    pub fn at(url: &str, token: Option<String>) -> Self {
        Self {
            url: url.to_owned(),
            client: reqwest::Client::new(),
            token,
            id: String::new(),
            name: String::new(),
        }
    }

    /// A request to an address below `/api/v1`, or to one that begins with `http` or `//` (from the root).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path {
            _ if path.starts_with("http") => path.to_owned(),
            _ if path.starts_with("//") => format!("{}{}", self.url, &path[1..]),
            _ => format!("{}/api/v1{path}", self.url),
        };
        let request = self.client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.request(Method::PUT, path)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn patch(&self, path: &str, body: Value) -> Response {
        self.request(Method::PATCH, path)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await.unwrap()
    }

    /// The body of a GET that must succeed.
    pub async fn get_json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.json().await.unwrap()
    }
}

/// Checks the status and the code of a problem, and returns it.
pub async fn problem(answer: Response, status: u16, code: &str) -> Value {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.status(), status);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["status"], status);
    assert!(!text(&problem["request_id"]).is_empty());
    problem
}

/// The names of the fields that a problem complains of.
pub fn wrong_fields(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|it| text(&it["field"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
