//! A long walk of chance through everything that changes the sums: they are true after each step, and never past the
//! quota.

use playhouse_test_support::{Person, TestApp, text};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::wire::{begin, copy, sums, try_put};

const QUOTA: i64 = 2_000;

struct Walk {
    who: Person,
    chance: StdRng,
    open: Vec<String>,
}

impl Walk {
    async fn files(&self) -> Vec<Value> {
        let page = self.who.get_json("/drive/entries?q=f&limit=200").await;
        page["items"].as_array().unwrap().clone()
    }

    async fn some_file(&mut self) -> Option<String> {
        let files = self.files().await;
        files.choose(&mut self.chance).map(|it| text(&it["id"]))
    }

    fn path(&mut self) -> String {
        let folder = ["", "/d", "/d/e"].choose(&mut self.chance).unwrap();
        format!("{folder}/f{}", self.chance.random_range(0..4))
    }

    async fn step(&mut self) -> Option<Response> {
        let size = self.chance.random_range(0..400);
        let rule = *["fail", "replace", "rename"].choose(&mut self.chance)?;
        let to = text(&self.who.get_json("/drive/entry?path=/").await["id"]);
        match self.chance.random_range(0..10) {
            0..=2 => {
                let (path, byte) = (self.path(), self.chance.random_range(0..3));
                Some(try_put(&self.who, &path, &vec![byte; size], rule).await)
            }
            3 => {
                let path = self.path();
                let begun = begin(&self.who, &path, size + 1, rule)
                    .send()
                    .await
                    .unwrap();
                let place = begun.headers().get("location");
                self.open
                    .extend(place.map(|it| it.to_str().unwrap().replace("/api/v1", "")));
                Some(begun)
            }
            4 => {
                let ended = self.who.request(Method::DELETE, &self.open.pop()?);
                Some(ended.header("Tus-Resumable", "1.0.0").send().await.unwrap())
            }
            5 => {
                let id = self.some_file().await?;
                let body = json!({"parent_id": to, "on_conflict": rule});
                Some(copy(&self.who, &id, body).await)
            }
            6 => {
                let id = self.some_file().await?;
                Some(self.who.delete(&format!("/drive/entries/{id}")).await)
            }
            7 => {
                let trash = self.who.get_json("/drive/trash").await;
                let id = text(&trash["items"].as_array()?.choose(&mut self.chance)?["id"]);
                if self.chance.random_bool(0.5) {
                    return Some(self.who.delete(&format!("/drive/trash/{id}")).await);
                }
                let path = format!("/drive/entries/{id}/restore?on_conflict={rule}");
                Some(self.who.post(&path, json!(null)).await)
            }
            8 => {
                let id = self.some_file().await?;
                let place = format!("/drive/entries/{id}/versions");
                let page = self.who.get_json(&place).await;
                let version = text(&page["items"].as_array()?.choose(&mut self.chance)?["id"]);
                if self.chance.random_bool(0.5) {
                    return Some(self.who.delete(&format!("{place}/{version}")).await);
                }
                let path = format!("{place}/{version}/restore");
                Some(self.who.post(&path, json!(null)).await)
            }
            _ => self.at_times().await,
        }
    }

    /// What would end the walk too soon if it came often.
    async fn at_times(&mut self) -> Option<Response> {
        if self.chance.random_bool(0.2) {
            return Some(self.who.delete("/drive/trash").await);
        }
        let folder = self.who.get("/drive/entry?path=/d").await;
        let folder: Value = folder.json().await.unwrap();
        let id = folder["id"]
            .as_str()
            .filter(|_| self.chance.random_bool(0.3))?;
        Some(self.who.delete(&format!("/drive/entries/{id}")).await)
    }
}

#[actix_web::test]
async fn they_are_true_after_every_step() {
    let app = TestApp::start_with(|config| {
        config.drive.quota_bytes = QUOTA;
        config.drive.keep_versions = 2;
    })
    .await;
    for seed in 1..=3 {
        let mut walk = Walk {
            who: app.member(&format!("walker{seed}")).await,
            chance: StdRng::seed_from_u64(seed),
            open: Vec::new(),
        };
        let mut refused = 0;
        for step in 0..120 {
            let status = walk.step().await.map_or(0, |it| it.status().as_u16());
            assert!(
                status < 500 || status == 507,
                "{status} at {step} of {seed}"
            );
            refused += u32::from(status == 507);
            let (used, reserved) = sums(&app, &walk.who).await;
            assert!(
                used + reserved <= QUOTA,
                "{used} + {reserved} at {step} of {seed}"
            );
        }
        assert!(refused > 0, "the quota was never reached with seed {seed}");
    }
}
