//! `Upload-Checksum`: the digest that the body of one request must have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse_api::uploads::ChecksumAlgorithm;
use sha2::Digest as _;

use super::model::Error;

/// The digest that a body must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    algorithm: ChecksumAlgorithm,
    digest: Vec<u8>,
}

/// A digest under way.
pub(super) struct Running {
    expected: Vec<u8>,
    hasher: Hasher,
}

enum Hasher {
    Blake3(Box<blake3::Hasher>),
    Sha256(sha2::Sha256),
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
}

impl Checksum {
    /// Reads the header: the algorithm, a space, the digest in base64.
    ///
    /// # Errors
    /// [`Error::Malformed`], also for an algorithm that is not offered.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        const SHAPE: Error =
            Error::Malformed("Upload-Checksum is an algorithm, a space and a digest in base64.");
        let (name, digest) = text.split_once(' ').ok_or(SHAPE)?;
        let algorithm = ChecksumAlgorithm::parse(name).ok_or(Error::Malformed(
            "This algorithm is not offered: see Tus-Checksum-Algorithm.",
        ))?;
        let digest = STANDARD.decode(digest.trim()).map_err(|_| SHAPE)?;
        if digest.len() != length(algorithm) {
            return Err(SHAPE);
        }
        Ok(Self { algorithm, digest })
    }

    pub(super) fn start(self) -> Running {
        Running {
            expected: self.digest,
            hasher: match self.algorithm {
                ChecksumAlgorithm::Blake3 => Hasher::Blake3(Box::default()),
                ChecksumAlgorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
                ChecksumAlgorithm::Sha1 => Hasher::Sha1(sha1::Sha1::new()),
                ChecksumAlgorithm::Md5 => Hasher::Md5(md5::Md5::new()),
            },
        }
    }
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Blake3(hasher) => {
                hasher.update(bytes);
            }
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Md5(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn holds(self) -> bool {
        let digest = match self.hasher {
            Hasher::Blake3(hasher) => hasher.finalize().as_bytes().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Md5(hasher) => hasher.finalize().to_vec(),
        };
        digest == self.expected
    }
}

fn length(algorithm: ChecksumAlgorithm) -> usize {
    match algorithm {
        ChecksumAlgorithm::Blake3 | ChecksumAlgorithm::Sha256 => 32,
        ChecksumAlgorithm::Sha1 => 20,
        ChecksumAlgorithm::Md5 => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(header: &str, body: &[u8]) -> bool {
        let mut running = Checksum::parse(header).unwrap().start();
        body.chunks(2).for_each(|part| running.update(part));
        running.holds()
    }

    #[test]
    fn known_digests_of_hello() {
        // From sha1sum, md5sum, sha256sum and b3sum of `hello`, in base64.
        for header in [
            "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=",
            "md5 XUFAKrxLKna5cZ2REBfFkg==",
            "sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            "blake3 6o8WPbOGgpJeRJHF5Y1Ls1Bu+MFOt4qG6QjFYkpnIA8=",
        ] {
            assert!(holds(header, b"hello"), "{header}");
            assert!(!holds(header, b"hellO"), "{header}");
            assert!(!holds(header, b""), "{header}");
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for header in [
            "",
            "sha1",
            "sha1 ",
            "sha1 %%%",
            "sha1 XUFAKrxLKna5cZ2REBfFkg==",
            "SHA1 qvTGHdzF6KLavt4PO0gs2a6pQ00=",
            "crc32 AAAAAA==",
        ] {
            let refused = Checksum::parse(header);
            assert!(matches!(refused, Err(Error::Malformed(_))), "{header}");
        }
    }
}
