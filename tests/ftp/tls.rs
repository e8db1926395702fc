//! TLS on request, and required.

use playhouse_test_support::ftp::{self, Ftp};
use playhouse_test_support::{PASSWORD, Person, TestApp};
use tempfile::TempDir;

use super::tools::{certificate, curl, lftp};
use super::{bytes, content};

pub(crate) struct Secure {
    pub(crate) app: TestApp,
    pub(crate) ann: Person,
    /// With the certificate, and what the programs have on their side.
    pub(crate) folder: TempDir,
}

pub(crate) async fn secure(require: Option<bool>) -> Secure {
    let folder = TempDir::new().unwrap();
    certificate(folder.path()).await;
    let app = TestApp::start_with(|config| {
        ftp::plain(config);
        config.ftp.certificate = Some(folder.path().join("cert.pem"));
        config.ftp.key = Some(folder.path().join("key.pem"));
        config.ftp.require_tls = require;
    })
    .await;
    let ann = app.member("ann").await;
    Secure { app, ann, folder }
}

#[actix_web::test]
async fn nobody_signs_in_without_it_when_there_is_a_certificate() {
    let house = secure(None).await;
    let mut ftp = Ftp::connect(&house.app).await;
    assert_eq!(ftp.ask("USER ann").await, 530);
    assert_eq!(ftp.ask(&format!("PASS {PASSWORD}")).await, 530);
    assert_eq!(ftp.ask("PBSZ 0").await, 503);
    assert_eq!(ftp.ask("PROT P").await, 503);
    let (_, features) = ftp.say("FEAT").await;
    for feature in ["AUTH TLS", "PROT", "REST STREAM", "MLST", "UTF8", "EPSV"] {
        assert!(features.contains(&format!("\r\n {feature}")), "{features}");
    }
    let folder = house.folder.path();
    let plain = curl(
        &house.app,
        folder,
        &["-u", &format!("ann:{PASSWORD}"), "PLACE/"],
    )
    .await;
    assert_eq!(plain.code, Some(67), "{plain:?}");
    let commands = "set ftp:ssl-allow no; ls";
    let plain = lftp(&house.app, ("ann", PASSWORD), folder, commands).await;
    assert!(
        plain.code != Some(0) && plain.stderr.contains("AUTH TLS"),
        "{plain:?}"
    );
}

#[actix_web::test]
async fn data_in_the_clear_is_refused_in_both_passive_modes() {
    let house = secure(None).await;
    let folder = house.folder.path();
    std::fs::write(folder.join("a.txt"), b"secret").unwrap();
    let sign_in = format!("ann:{PASSWORD}");
    for mode in ["--disable-epsv", "--ftp-pasv"] {
        // With --ftp-ssl-control curl protects commands and leaves the data in the clear.
        let arguments = [
            "--ftp-ssl-control",
            mode,
            "-u",
            &sign_in,
            "-T",
            "a.txt",
            "PLACE/a.txt",
        ];
        let clear = curl(&house.app, folder, &arguments).await;
        assert_ne!(clear.code, Some(0), "{mode}: {clear:?}");
        let arguments = [
            "--ssl-reqd",
            mode,
            "-u",
            &sign_in,
            "-T",
            "a.txt",
            "PLACE/a.txt",
        ];
        let secure = curl(&house.app, folder, &arguments).await;
        assert_eq!(secure.code, Some(0), "{mode}: {secure:?}");
    }
    assert_eq!(content(&house.ann, "/a.txt").await.unwrap(), b"secret");
}

#[actix_web::test]
async fn what_is_sent_along_with_auth_in_the_clear_is_not_obeyed() {
    let house = secure(None).await;
    let mut ftp = Ftp::connect(&house.app).await;
    ftp.send(b"AUTH TLS\r\nUSER ann\r\n").await;
    assert_eq!(ftp.hear().await.unwrap().0, 421);
    assert!(ftp.hear().await.is_none());
}

#[actix_web::test]
async fn it_is_offered_and_left_to_the_client_when_it_is_not_required() {
    let house = secure(Some(false)).await;
    let folder = house.folder.path();
    let whole = bytes(3 << 20);
    std::fs::write(folder.join("film"), &whole).unwrap();
    let sign_in = format!("ann:{PASSWORD}");
    for (flag, name) in [("--ssl-reqd", "one"), ("--ftp-pasv", "two")] {
        let place = format!("PLACE/{name}");
        let sent = curl(
            &house.app,
            folder,
            &[flag, "-u", &sign_in, "-T", "film", &place],
        )
        .await;
        assert_eq!(sent.code, Some(0), "{sent:?}");
        assert!(content(&house.ann, &format!("/{name}")).await.unwrap() == whole);
    }
    for version in ["--tls-max=1.2", "--tlsv1.3"] {
        let version: Vec<&str> = version.split('=').collect();
        let arguments = [
            &version[..],
            &["--ssl-reqd", "-u", &sign_in, "PLACE/one", "-o", "back"],
        ]
        .concat();
        let back = curl(&house.app, folder, &arguments).await;
        assert_eq!(back.code, Some(0), "{back:?}");
        assert!(std::fs::read(folder.join("back")).unwrap() == whole);
    }
}
