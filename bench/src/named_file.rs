//! A peer to measure against: actix-files' `NamedFile` serving one file, as a first version would.
//!
//! `named-file ADDR:PORT FILE` serves the file at `/film`.

use std::net::SocketAddr;
use std::path::PathBuf;

use actix_files::NamedFile;
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;

async fn film(path: web::Data<PathBuf>) -> std::io::Result<NamedFile> {
    NamedFile::open_async(path.get_ref()).await
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: named-file ADDR:PORT FILE";
    let address: SocketAddr = arguments.next().context(usage)?.parse()?;
    let path = web::Data::new(PathBuf::from(arguments.next().context(usage)?));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(path.clone())
            .route("/film", web::get().to(film))
    });
    Ok(server.workers(2).bind(address)?.run().await?)
}
