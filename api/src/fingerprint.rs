//! The sampled fingerprint of a file: finds a film that is already published before any byte is
//! uploaded. It reads at most 256 KiB, whatever the size.
//!
//! It is the MD5, in lowercase hexadecimal, of the file's size as 8 bytes little-endian, followed
//! by
//!
//! - all bytes, if the file is smaller than 256 KiB;
//! - else four windows of 64 KiB. Window `k` of 0, 1, 2, 3 starts at `floor(size * k / 3)`, but
//!   never later than `size - 64 KiB`, so that the last one ends with the file. Below
//!   384 KiB the last two windows overlap, and the bytes they share are hashed twice.
//!
//! The same fingerprint is a hint and no proof: whoever decides compares the BLAKE3 of the whole
//! content. MD5 is not used against an attacker here.

use std::io::{self, Read, Seek, SeekFrom};

use md5::{Digest, Md5};

/// Bytes of one window.
pub const WINDOW: u64 = 64 * 1024;

/// Files smaller than this are hashed whole.
pub const WHOLE_BELOW: u64 = 4 * WINDOW;

/// The fingerprint of everything in `file`, wherever it stands now.
///
/// # Errors
/// What reading or seeking gives; `UnexpectedEof` if the file shrinks meanwhile.
pub fn fingerprint<F: Read + Seek>(file: &mut F) -> io::Result<String> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut md5 = Md5::new();
    md5.update(size.to_le_bytes());
    for (start, length) in samples(size) {
        file.seek(SeekFrom::Start(start))?;
        hash_exactly(file, length, &mut md5)?;
    }
    Ok(md5
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The parts of a file of this size that are hashed, as (start, length) in order.
pub fn samples(size: u64) -> Vec<(u64, u64)> {
    if size < WHOLE_BELOW {
        return vec![(0, size)];
    }
    (0..4)
        .map(|k| (third(size, k).min(size - WINDOW), WINDOW))
        .collect()
}

/// `floor(size * k / 3)` without overflow.
fn third(size: u64, k: u64) -> u64 {
    size / 3 * k + size % 3 * k / 3
}

fn hash_exactly<F: Read>(file: &mut F, length: u64, md5: &mut Md5) -> io::Result<()> {
    let mut window = Vec::new();
    file.take(length).read_to_end(&mut window)?;
    if window.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    md5.update(&window);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn of(bytes: &[u8]) -> String {
        fingerprint(&mut Cursor::new(bytes)).unwrap()
    }

    /// Bytes that differ from place to place, so that a window at a wrong place is noticed.
    fn pattern(size: usize, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        (0..size)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[3]
            })
            .collect()
    }

    fn sampled(size: usize, at: usize) -> bool {
        samples(size as u64)
            .iter()
            .any(|(start, length)| (*start..start + length).contains(&(at as u64)))
    }

    #[test]
    fn known_answers() {
        // md5 of eight zero bytes, by md5sum.
        assert_eq!(of(b""), "7dea362b3fac8e00956a4952a3d4f474");
        // printf '\x03\0\0\0\0\0\0\0abc' | md5sum
        assert_eq!(of(b"abc"), "0a0bf3f811f4e233ee4b1427c8ecf6d6");
        // (printf '\0\0\x10\0\0\0\0\0'; head -c 262144 /dev/zero) | md5sum
        assert_eq!(
            of(&vec![0; 1024 * 1024]),
            "675cd85c7efc03438d8d25a57416e9ef"
        );
    }

    #[test]
    fn the_windows_are_where_they_are_documented() {
        let w = WINDOW;
        assert_eq!(samples(4 * w - 1), [(0, 4 * w - 1)]);
        assert_eq!(
            samples(4 * w),
            [(0, w), (87_381, w), (174_762, w), (3 * w, w)]
        );
        assert_eq!(
            samples(1_000_000),
            [(0, w), (333_333, w), (666_666, w), (934_464, w)]
        );
        let huge = samples(u64::MAX);
        assert_eq!(huge[3], (u64::MAX - w, w));
        assert_eq!(huge[2].0, 12_297_829_382_473_034_410);
    }

    #[test]
    fn where_the_file_stands_does_not_matter() {
        let bytes = pattern(500_000, 3);
        let mut file = Cursor::new(&bytes);
        file.set_position(77);
        assert_eq!(fingerprint(&mut file).unwrap(), of(&bytes));
    }

    #[test]
    fn a_file_that_shrinks_is_an_error() {
        struct Shrinking(Cursor<Vec<u8>>);
        impl Read for Shrinking {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Ok(0)
            }
        }
        impl Seek for Shrinking {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        let error = fingerprint(&mut Shrinking(Cursor::new(vec![0; 9]))).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_is_the_md5_of_size_and_windows(size in 0_usize..1_200_000, seed: u64) {
            let bytes = pattern(size, seed);
            let mut model = (size as u64).to_le_bytes().to_vec();
            if size < 262_144 {
                model.extend_from_slice(&bytes);
            } else {
                for start in [0, size / 3, size * 2 / 3, size - 65_536] {
                    let start = start.min(size - 65_536);
                    model.extend_from_slice(&bytes[start..start + 65_536]);
                }
            }
            let expected: String = Md5::digest(&model).iter().map(|b| format!("{b:02x}")).collect();
            prop_assert_eq!(of(&bytes), expected);
        }

        #[test]
        fn a_changed_byte_shows_exactly_where_it_is_sampled(
            size in 1_usize..900_000, place in 0.0..1.0_f64, seed: u64,
        ) {
            let mut bytes = pattern(size, seed);
            let before = of(&bytes);
            let at = ((size as f64 * place) as usize).min(size - 1);
            bytes[at] ^= 0x55;
            prop_assert_eq!(of(&bytes) != before, sampled(size, at));
        }

        #[test]
        fn another_size_is_another_fingerprint(size in 0_usize..600_000, more in 1_usize..5_000) {
            prop_assert_ne!(of(&vec![0; size]), of(&vec![0; size + more]));
        }

        #[test]
        fn windows_stay_inside_and_in_order(size in WHOLE_BELOW..=u64::MAX) {
            let windows = samples(size);
            prop_assert_eq!(windows.len(), 4);
            prop_assert!(windows.iter().all(|(start, length)| size - start >= *length));
            prop_assert!(windows.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
