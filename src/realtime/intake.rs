//! What a client sends, cut into messages.
//!
//! Keeps true: nothing larger than the limit is ever held, whatever a header announces; fragments are put together in
//! order; text is UTF-8. Between two messages no buffer is kept.

use actix_http::ws::{OpCode, Parser, ProtocolError};
use bytes::{Bytes, BytesMut};

use super::ending::Ending;

/// A whole message of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Text(String),
    Ping(Bytes),
    Pong,
    Close,
}

/// Bytes on their way to messages.
#[derive(Debug)]
pub(super) struct Intake {
    buffer: BytesMut,
    /// The fragments so far of a message that is not finished.
    partial: Option<Vec<u8>>,
    limit: usize,
}

impl Intake {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            partial: None,
            limit,
        }
    }

    /// Takes what arrived.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message, if it is whole.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Ending> {
        loop {
            self.refuse_large()?;
            let frame = Parser::parse(&mut self.buffer, true, self.limit)
                .map_err(|error| ending_of(&error))?;
            let Some((is_last, code, payload)) = frame else {
                if self.buffer.is_empty() {
                    self.buffer = BytesMut::new();
                }
                return Ok(None);
            };
            let payload = payload.map(BytesMut::freeze).unwrap_or_default();
            if let Some(message) = self.take(is_last, code, payload)? {
                return Ok(Some(message));
            }
        }
    }

    fn take(
        &mut self,
        is_last: bool,
        code: OpCode,
        payload: Bytes,
    ) -> Result<Option<Incoming>, Ending> {
        match code {
            OpCode::Ping | OpCode::Pong | OpCode::Close if !is_last => Err(Ending::Protocol),
            OpCode::Ping => Ok(Some(Incoming::Ping(payload))),
            OpCode::Pong => Ok(Some(Incoming::Pong)),
            OpCode::Close => Parser::try_parse_close_payload(&payload)
                .map(|_| Some(Incoming::Close))
                .map_err(|_| Ending::Protocol),
            OpCode::Binary => Err(Ending::NotText),
            OpCode::Text if self.partial.is_some() => Err(Ending::Protocol),
            OpCode::Text if is_last => text(payload.into()).map(Some),
            OpCode::Text => {
                self.partial = Some(payload.into());
                Ok(None)
            }
            OpCode::Continue => self.go_on(is_last, &payload),
            OpCode::Bad => Err(Ending::Protocol),
        }
    }

    fn go_on(&mut self, is_last: bool, payload: &[u8]) -> Result<Option<Incoming>, Ending> {
        let mut so_far = self.partial.take().ok_or(Ending::Protocol)?;
        if so_far.len() + payload.len() > self.limit {
            return Err(Ending::TooLarge);
        }
        so_far.extend_from_slice(payload);
        if is_last {
            return text(so_far).map(Some);
        }
        self.partial = Some(so_far);
        Ok(None)
    }

    /// Refuses a frame by what its header announces, before its bytes are here.
    fn refuse_large(&self) -> Result<(), Ending> {
        let announced = match *self.buffer {
            [_, short, high, low, ..] if short & 0x7f == 126 => {
                u64::from(u16::from_be_bytes([high, low]))
            }
            [_, short, a, b, c, d, e, f, g, h, ..] if short & 0x7f == 127 => {
                u64::from_be_bytes([a, b, c, d, e, f, g, h])
            }
            _ => 0,
        };
        if announced > self.limit as u64 {
            return Err(Ending::TooLarge);
        }
        Ok(())
    }
}

fn text(bytes: Vec<u8>) -> Result<Incoming, Ending> {
    String::from_utf8(bytes)
        .map(Incoming::Text)
        .map_err(|_| Ending::NotUtf8)
}

fn ending_of(error: &ProtocolError) -> Ending {
    match error {
        ProtocolError::Overflow => Ending::TooLarge,
        _ => Ending::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(code: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![code];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | short as u8),
            middle @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        let mask = [7, 99, 180, 255];
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
        frame
    }

    fn all(limit: usize, bytes: &[u8]) -> Result<Vec<Incoming>, Ending> {
        let mut intake = Intake::new(limit);
        intake.feed(bytes);
        let mut found = Vec::new();
        while let Some(message) = intake.next()? {
            found.push(message);
        }
        Ok(found)
    }

    #[test]
    fn what_must_not_be_ends_the_connection() {
        let cases: &[(Vec<u8>, Ending)] = &[
            (frame(0x82, b"binary"), Ending::NotText),
            (frame(0x81, b"\xff\xfe"), Ending::NotUtf8),
            (frame(0xC1, b"compressed"), Ending::Protocol),
            (frame(0x83, b"reserved"), Ending::Protocol),
            (frame(0x80, b"goes on from nothing"), Ending::Protocol),
            (frame(0x09, b"half a ping"), Ending::Protocol),
            (frame(0x88, b"\x00"), Ending::Protocol),
            (frame(0x89, &[0; 126]), Ending::Protocol),
            (vec![0x81, 2, b'h', b'i'], Ending::Protocol),
            (vec![0x81, 0xff, 0, 0, 0, 0, 0, 16, 0, 0], Ending::TooLarge),
            (vec![0x81, 0xff, 255, 0, 0, 0, 0, 0, 0, 0], Ending::TooLarge),
            (vec![0x81, 0xfe, 255, 255], Ending::TooLarge),
            (
                [frame(0x01, b"a"), frame(0x81, b"b")].concat(),
                Ending::Protocol,
            ),
            (
                [frame(0x01, &[b'a'; 900]), frame(0x80, &[b'a'; 900])].concat(),
                Ending::TooLarge,
            ),
        ];
        for (bytes, ending) in cases {
            assert_eq!(all(1024, bytes), Err(*ending), "{bytes:02x?}");
        }
    }

    #[test]
    fn fragments_are_joined_with_a_ping_between_them() {
        let bytes = [
            frame(0x01, "grü".as_bytes().get(..3).unwrap()),
            frame(0x89, b"still there?"),
            frame(0x00, &"grü".as_bytes()[3..]),
            frame(0x80, b"n"),
            frame(0x88, b"\x03\xe8"),
        ];
        let found = all(1024, &bytes.concat()).unwrap();
        assert_eq!(
            found,
            [
                Incoming::Ping(Bytes::from_static(b"still there?")),
                Incoming::Text("grün".to_owned()),
                Incoming::Close
            ]
        );
    }

    proptest! {
        #[test]
        fn texts_arrive_however_they_are_cut(texts in prop::collection::vec(".{0,200}", 1..6), cut in 1_usize..40) {
            let bytes = texts.iter().flat_map(|it| frame(0x81, it.as_bytes())).collect::<Vec<u8>>();
            let mut intake = Intake::new(1024);
            let mut found = Vec::new();
            for piece in bytes.chunks(cut) {
                intake.feed(piece);
                while let Some(message) = intake.next().unwrap() {
                    found.push(message);
                }
            }
            let wanted: Vec<Incoming> = texts.into_iter().map(Incoming::Text).collect();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut intake = Intake::new(128);
            intake.feed(&bytes);
            while let Ok(Some(_)) = intake.next() {}
            prop_assert!(intake.buffer.len() <= bytes.len());
        }
    }
}
