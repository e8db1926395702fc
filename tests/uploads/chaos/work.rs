//! What clients do until the server dies: each request is noted before it is sent and after it is answered.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use reqwest::{Method, RequestBuilder, Response};

use super::super::crash::{Admin, Dice};
use super::super::wire::{STREAM, header, metadata};
use super::truth::{Content, Open, Truth};

const LARGEST: u64 = 1_500_000;

/// Somebody who uploads. Every request may be the last one that the server sees.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) admin: Arc<Admin>,
    pub(crate) url: String,
    /// Where FTP is.
    pub(crate) door: SocketAddr,
    pub(crate) truth: Arc<Mutex<Truth>>,
}

/// The connection broke: the server is dead.
pub(crate) struct Dead;

type Told<T> = Result<T, Dead>;

impl Client {
    pub(crate) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap()
    }

    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        let request = self.admin.client.request(method, url);
        request
            .bearer_auth(&self.admin.token)
            .header("Tus-Resumable", "1.0.0")
    }

    /// The answer, which must be this one unless the server is dead.
    async fn send(&self, request: RequestBuilder, status: u16) -> Told<Response> {
        let answer = request.send().await.map_err(|_| Dead)?;
        let told = answer.status().as_u16();
        if told != status {
            let url = answer.url().clone();
            let body = answer.text().await.map_err(|_| Dead)?;
            panic!("{url} answered {told}: {body}");
        }
        Ok(answer)
    }

    /// Begins an upload of `size` bytes of `content` from `begin` on.
    async fn create(&self, open: Open, said: &[(&str, &str)], is_part: bool) -> Told<String> {
        let mut request = self
            .tus(Method::POST, "/api/v1/uploads")
            .header("Upload-Length", open.size)
            .header("Upload-Metadata", metadata(said));
        if is_part {
            request = request.header("Upload-Concat", "partial");
        }
        let answer = self.send(request, 201).await?;
        let path = header(&answer, "location");
        self.truth().open.insert(path.clone(), open);
        Ok(path)
    }

    /// Sends the rest in pieces, with a checksum on each or without.
    pub(crate) async fn fill(&self, path: &str, dice: &mut Dice, has_checksum: bool) -> Told<()> {
        loop {
            let Some(open) = self.truth().open.get(path).cloned() else {
                return Ok(());
            };
            let from = open.acknowledged;
            let end = (from + 1 + dice.below(LARGEST / 2) as usize).min(open.size);
            let bytes = open.content.bytes();
            let body = bytes[open.begin + from..open.begin + end].to_vec();
            let mut request = self
                .tus(Method::PATCH, path)
                .header("Content-Type", STREAM)
                .header("Upload-Offset", from);
            if has_checksum {
                let digest = blake3::hash(&body);
                let digest = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
                request = request.header("Upload-Checksum", format!("blake3 {digest}"));
            }
            let answer = self.send(request.body(body), 204).await?;
            assert_eq!(header(&answer, "upload-offset"), end.to_string());
            let mut truth = self.truth();
            truth.acknowledge(path, end);
            if end == open.size {
                let is_placed = !header(&answer, "content-location").is_empty();
                assert_eq!(is_placed, open.target.is_some(), "{path}");
                truth.complete(path);
                return Ok(());
            }
        }
    }

    fn content(dice: &mut Dice, largest: u64) -> Content {
        Content {
            seed: dice.below(u64::MAX),
            size: 1 + dice.below(largest) as usize,
        }
    }

    fn open(content: Content, target: Option<&str>) -> Open {
        Open {
            content,
            begin: 0,
            size: content.size,
            acknowledged: 0,
            target: target.map(str::to_owned),
            is_ending: false,
        }
    }

    /// A film that arrives in pieces, and is sometimes ended by its owner.
    pub(crate) async fn film(&self, dice: &mut Dice) -> Told<()> {
        let open = Self::open(Self::content(dice, LARGEST), None);
        let said = [("purpose", "movie"), ("filename", "film.mp4")];
        let path = self.create(open, &said, false).await?;
        let has_checksum = dice_is(dice, 3);
        self.fill(&path, dice, has_checksum).await?;
        if dice_is(dice, 2) {
            self.end(&path).await?;
        }
        Ok(())
    }

    /// A file of the drive that arrives in pieces.
    pub(crate) async fn file(&self, dice: &mut Dice) -> Told<()> {
        let name = self.truth().name("file");
        let open = Self::open(Self::content(dice, LARGEST), Some(&name));
        let said = [("purpose", "drive"), ("path", name.as_str())];
        let path = self.create(open, &said, false).await?;
        if dice_is(dice, 6) {
            return self.end(&path).await;
        }
        let has_checksum = dice_is(dice, 2);
        self.fill(&path, dice, has_checksum).await
    }

    /// A small file of the drive in one request.
    pub(crate) async fn put(&self, dice: &mut Dice) -> Told<()> {
        let content = Self::content(dice, 40_000);
        let name = {
            let mut truth = self.truth();
            let name = truth.name("put");
            truth.perhaps.insert(name.clone(), (content, Vec::new()));
            name
        };
        let said = metadata(&[("purpose", "drive"), ("path", &name)]);
        let request = self
            .tus(Method::POST, "/api/v1/uploads")
            .header("Upload-Length", content.size)
            .header("Upload-Metadata", said)
            .header("Content-Type", STREAM)
            .body(content.bytes());
        self.send(request, 201).await?;
        let mut truth = self.truth();
        truth.perhaps.remove(&name);
        truth.placed.insert(name, content);
        Ok(())
    }

    /// A file of the drive as parts, side by side, straight into place or joined.
    pub(crate) async fn parts(&self, dice: &mut Dice) -> Told<()> {
        let content = Self::content(dice, LARGEST);
        let of = uuid::Uuid::now_v7().to_string();
        let (third, is_placed) = (content.size / 3, dice_is(dice, 2));
        let mut paths = Vec::new();
        for (begin, end) in [(0, third), (third, 2 * third), (2 * third, content.size)] {
            let at = begin.to_string();
            let said = [("purpose", "drive"), ("part_of", &of), ("part_offset", &at)];
            let open = Open {
                begin,
                size: end - begin,
                ..Self::open(content, None)
            };
            let said = if is_placed { &said[..] } else { &said[..1] };
            paths.push(self.create(open, said, true).await?);
        }
        let mut dices: Vec<Dice> = paths.iter().map(|_| dice.split()).collect();
        let sending = paths.iter().zip(&mut dices).map(|(path, dice)| async move {
            let is_empty = self.truth().open[path].size == 0;
            match is_empty {
                true => Ok(()),
                false => self.fill(path, dice, false).await,
            }
        });
        futures_util::future::try_join_all(sending).await?;
        self.join(content, paths).await
    }

    async fn join(&self, content: Content, paths: Vec<String>) -> Told<()> {
        let name = {
            let mut truth = self.truth();
            let name = truth.name("parts");
            truth.perhaps.insert(name.clone(), (content, paths.clone()));
            for path in &paths {
                truth.open.remove(path);
            }
            name
        };
        let said = metadata(&[("purpose", "drive"), ("path", &name)]);
        let request = self
            .tus(Method::POST, "/api/v1/uploads")
            .header("Upload-Concat", format!("final;{}", paths.join(" ")))
            .header("Upload-Metadata", said);
        self.send(request, 201).await?;
        let mut truth = self.truth();
        truth.perhaps.remove(&name);
        truth.placed.insert(name, content);
        Ok(())
    }

    /// Sends the rest of something, and ends it if it is a film that is all there.
    pub(crate) async fn go_on(&self, path: &str, dice: &mut Dice) -> Told<()> {
        let Some(open) = self.truth().open.get(path).cloned() else {
            return Ok(());
        };
        if open.acknowledged < open.size {
            return self.fill(path, dice, false).await;
        }
        match open.is_ending {
            true => Ok(()),
            false => self.end(path).await,
        }
    }

    async fn end(&self, path: &str) -> Told<()> {
        if let Some(open) = self.truth().open.get_mut(path) {
            open.is_ending = true;
        }
        self.send(self.tus(Method::DELETE, path), 204).await?;
        let mut truth = self.truth();
        truth.open.remove(path);
        truth.ended.insert(path.to_owned());
        Ok(())
    }

    /// Where an upload stands: the offset, if it is there, and whether it is in the drive.
    pub(crate) async fn stands(&self, path: &str) -> Option<(usize, bool)> {
        let answer = self.tus(Method::HEAD, path).send().await.unwrap();
        match answer.status().as_u16() {
            200 => {
                let is_placed = !header(&answer, "content-location").is_empty();
                Some((header(&answer, "upload-offset").parse().unwrap(), is_placed))
            }
            404 => None,
            status => panic!("{path} answered {status}"),
        }
    }
}

/// Once in `many` times.
fn dice_is(dice: &mut Dice, many: u64) -> bool {
    dice.below(many) == 0
}
