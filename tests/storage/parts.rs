//! Large objects on their way to S3, and what goes wrong there.

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use playhouse::config::StorageConfig;
use playhouse::storage::{self, Adopted};
use playhouse_test_support::s3::{Fault, S3Server};

use crate::{MIB, Place, bytes, name_of, s3, s3_config};

impl Place {
    fn service(&self) -> &S3Server {
        self.service.as_ref().unwrap()
    }

    fn parts(&self) -> usize {
        self.service().watch.parts.load(Ordering::SeqCst)
    }

    async fn interrupted(&self) -> usize {
        let found = self.storage.interrupted(Duration::ZERO).await;
        found.unwrap().len()
    }

    /// The server starts again.
    fn restart(&mut self) {
        let config = s3_config(self.service());
        self.storage = storage::of_config(&config, self.folder.path()).unwrap();
    }
}

#[actix_web::test]
async fn an_adoption_that_was_interrupted_goes_on_after_a_restart() {
    let mut place = s3();
    let content = bytes(22 * MIB);
    place.service().fail(Fault::NoMoreParts(3));
    let refused = place.adopt(&content).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused}");
    assert_eq!((place.parts(), place.interrupted().await), (3, 1));
    assert_eq!(place.service().objects(), Vec::<String>::new());
    place.service().heal();
    place.restart();
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::Placed);
    assert_eq!(place.parts(), 5, "no part was sent twice");
    assert!(std::fs::read(place.file(&name_of(&content))).unwrap() == content);
    assert_eq!(place.interrupted().await, 0);
    assert_eq!(place.service().loose_parts(), 0);
    assert_eq!(
        place.service().watch.was_conditional.load(Ordering::SeqCst),
        1
    );
}

#[actix_web::test]
async fn an_adoption_that_is_given_up_leaves_nothing() {
    let place = s3();
    let content = bytes(12 * MIB);
    let id = name_of(&content);
    place.service().fail(Fault::NoMoreParts(2));
    place.adopt(&content).await.unwrap_err();
    place.service().heal();
    assert!(place.service().loose_parts() > 0);
    let hour = Duration::from_secs(3600);
    assert_eq!(place.storage.interrupted(hour).await.unwrap(), []);
    let found = place.storage.interrupted(Duration::ZERO).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&id));
    place.storage.give_up(&id).await.unwrap();
    place.storage.give_up(&id).await.unwrap();
    assert_eq!(place.interrupted().await, 0);
    assert_eq!(place.service().loose_parts(), 0);
    assert_eq!(place.service().objects(), Vec::<String>::new());
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::Placed);
}

#[actix_web::test]
async fn an_upload_that_the_service_has_forgotten_begins_anew() {
    let place = s3();
    let content = bytes(12 * MIB);
    place.service().fail(Fault::NoMoreParts(1));
    place.adopt(&content).await.unwrap_err();
    place.service().fail(Fault::Forgotten);
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::Placed);
    assert!(std::fs::read(place.file(&name_of(&content))).unwrap() == content);
    assert_eq!(place.parts(), 1 + 3);
}

#[actix_web::test]
async fn a_last_answer_that_was_lost_is_looked_after() {
    let place = s3();
    let content = bytes(6 * MIB);
    place.service().fail(Fault::LostAnswer);
    assert!(place.adopt(&content).await.is_ok());
    assert!(std::fs::read(place.file(&name_of(&content))).unwrap() == content);
    assert_eq!(place.interrupted().await, 0);
}

#[actix_web::test]
async fn an_object_that_appears_meanwhile_is_not_replaced() {
    let place = s3();
    let content = bytes(6 * MIB);
    let file = place.file(&name_of(&content));
    let other = vec![7; content.len()];
    let (there, put) = (file.clone(), other.clone());
    place.service().fail(Fault::Before(Box::new(move || {
        std::fs::create_dir_all(there.parent().unwrap()).unwrap();
        std::fs::write(there, put).unwrap();
    })));
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::AlreadyThere);
    assert!(std::fs::read(&file).unwrap() == other);
    assert_eq!(place.interrupted().await, 0);
    assert_eq!(place.service().loose_parts(), 0);
}

#[actix_web::test]
async fn wrong_keys_and_a_service_that_is_not_there_are_told_in_time() {
    let place = s3();
    let wrong = StorageConfig {
        secret_access_key: "wrong".to_owned(),
        ..s3_config(place.service())
    };
    let folder = place.folder.path();
    let locked = storage::of_config(&wrong, folder).unwrap();
    let refused = locked.open(&name_of(b"x")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused}");
    assert!(!format!("{refused:?}").contains("wrong"), "{refused:?}");
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let nowhere = StorageConfig {
        url: format!("s3://house?endpoint=http://127.0.0.1:{port}&region=eu-north-1"),
        ..s3_config(place.service())
    };
    let nowhere = storage::of_config(&nowhere, folder).unwrap();
    let begun = Instant::now();
    nowhere.open(&name_of(b"x")).await.unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
}
