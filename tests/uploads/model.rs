//! Random requests against a model: whatever is sent, cut and repeated, the offset is what was durable, and the file
//! is a prefix of the film.

use playhouse_test_support::{Person, TestApp};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use super::wire::{
    HELD, account_id, bytes, create, offset_of, open_patch_with, patch, staged, upload_id,
};

const SIZE: usize = 4_000_000;

#[derive(Clone, Debug)]
enum Step {
    /// A whole body of so many bytes, with a checksum that is right, wrong or missing.
    Send {
        count: usize,
        checksum: Option<bool>,
    },
    /// A body that is cut after some of its bytes.
    Cut {
        declared: usize,
        sent: usize,
        has_checksum: bool,
    },
    /// A body for another offset.
    Astray { offset: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let count = prop_oneof![0..5_usize, 0..70_000_usize, 0..2_200_000_usize];
    let send = (
        count.clone(),
        prop::option::weighted(0.5, prop::bool::weighted(0.7)),
    )
        .prop_map(|(count, checksum)| Step::Send { count, checksum });
    let cut = (count, 0.0..1.0_f64, prop::bool::weighted(0.3)).prop_map(
        |(declared, part, has_checksum)| Step::Cut {
            declared: declared + 1,
            sent: (declared as f64 * part) as usize,
            has_checksum,
        },
    );
    let astray = (0..SIZE + 10).prop_map(|offset| Step::Astray { offset });
    prop::collection::vec(prop_oneof![4 => send, 2 => cut, 1 => astray], 1..12)
}

fn checksum_of(body: &[u8], is_right: bool) -> String {
    use base64::Engine as _;
    let mut digest = *blake3::hash(body).as_bytes();
    digest[7] ^= u8::from(!is_right);
    let digest = base64::engine::general_purpose::STANDARD.encode(digest);
    format!("blake3 {digest}")
}

struct Trial {
    app: TestApp,
    admin: Person,
    path: String,
    film: Vec<u8>,
    offset: usize,
}

impl Trial {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Send { count, checksum } => self.send(count, checksum).await,
            Step::Cut {
                declared,
                sent,
                has_checksum,
            } => self.cut(declared, sent, has_checksum).await,
            Step::Astray { offset } if offset != self.offset => {
                let request = patch(&self.admin, &self.path, offset, "x");
                assert_eq!(request.send().await.unwrap().status(), 409);
            }
            Step::Astray { .. } => {}
        }
        assert_eq!(offset_of(&self.admin, &self.path).await, self.offset);
        let file = staged(&self.app, &self.path).unwrap_or_default();
        assert!(file == self.film[..self.offset], "the file differs");
    }

    async fn send(&mut self, count: usize, checksum: Option<bool>) {
        let end = (self.offset + count).min(SIZE);
        let body = &self.film[self.offset..end];
        let mut request = patch(&self.admin, &self.path, self.offset, body.to_vec());
        if let Some(is_right) = checksum {
            request = request.header("Upload-Checksum", checksum_of(body, is_right));
        }
        let status = request.send().await.unwrap().status().as_u16();
        let is_whole = self.offset == SIZE;
        if checksum == Some(false) && !is_whole {
            assert_eq!(status, 460);
        } else {
            assert_eq!(status, 204);
            self.offset = end;
        }
    }

    async fn cut(&mut self, declared: usize, sent: usize, has_checksum: bool) {
        let declared = declared.min(SIZE - self.offset);
        if sent >= declared {
            return;
        }
        let body = &self.film[self.offset..self.offset + declared];
        let more = match has_checksum {
            true => format!("Upload-Checksum: {}\r\n", checksum_of(body, true)),
            false => String::new(),
        };
        let (admin, path) = (&self.admin, &self.path);
        let mut stream =
            open_patch_with(&self.app, admin, path, self.offset, declared, &more).await;
        stream.write_all(&body[..sent]).await.unwrap();
        stream.shutdown().await.unwrap();
        // It answers to the half that is open, when what arrived is recorded.
        let told = super::wire::answer(&mut stream).await;
        assert!(told.starts_with("HTTP/1.1 400"), "{told}");
        let at = offset_of(admin, path).await;
        let least = self.offset + sent.saturating_sub(HELD);
        match has_checksum {
            true => assert_eq!(at, self.offset),
            false => assert!((least..=self.offset + sent).contains(&at), "{at}"),
        }
        self.offset = at;
    }

    async fn finish(mut self) {
        self.send(SIZE, Some(true)).await;
        let owner = account_id(&self.admin);
        let uploads = &self.app.app().uploads;
        let done = uploads.completed(upload_id(&self.path), &owner).await;
        let hash = blake3::hash(&self.film).to_hex().to_string();
        assert_eq!(done.unwrap().blake3, hash);
    }
}

async fn run(steps: Vec<Step>) {
    let app = TestApp::start_with(|config| config.uploads.checkpoint_bytes = 1 << 20).await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut trial = Trial {
        film: bytes(SIZE),
        app,
        admin,
        path,
        offset: 0,
    };
    for step in steps {
        trial.step(step).await;
    }
    trial.finish().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_sent_the_file_is_a_prefix_of_the_film(steps in steps()) {
        actix_web::rt::System::new().block_on(run(steps));
    }
}
