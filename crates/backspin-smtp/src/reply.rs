//! What an SMTP server says: a code of three digits and lines of text.

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) lines: Vec<String>,
}

/// The longest reply that is read, in bytes. A server needs a few hundred.
pub(crate) const BYTES_MAX: usize = 64 << 10;

impl Reply {
    /// Takes the first whole reply off `buffer`; `None` while it is not all there.
    ///
    /// Errors: the line that is none of SMTP.
    pub(crate) fn take(buffer: &mut Vec<u8>) -> Result<Option<Self>, String> {
        let mut lines = Vec::new();
        let mut rest = buffer.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r').to_owned();
            rest = &rest[end + 1..];
            let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(Ok(code)) = code.map(str::parse) else { return Err(line) };
            let is_last = match line.as_bytes().get(3) {
                None | Some(b' ') => true,
                Some(b'-') => false,
                Some(_) => return Err(line),
            };
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if is_last {
                let taken = buffer.len() - rest.len();
                buffer.drain(..taken);
                return Ok(Some(Reply { code, lines }));
            }
        }
        Ok(None)
    }

    /// The words of the line that begins with `keyword`, as EHLO lists what the server can do.
    pub(crate) fn capability(&self, keyword: &str) -> Option<Vec<String>> {
        let words =
            |line: &String| -> Vec<String> { line.split_whitespace().map(str::to_ascii_uppercase).collect() };
        self.lines.iter().skip(1).map(words).find(|words| words.first().is_some_and(|word| word == keyword))
    }

    /// For people, in one line.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_taken_when_its_last_line_is_there() {
        let mut buffer = b"250-a.example\r\n250-AUTH PLAIN login\r\n".to_vec();
        assert_eq!(Reply::take(&mut buffer), Ok(None));
        buffer.extend(b"250 STARTTLS\r\n220 next");
        let reply = Reply::take(&mut buffer).unwrap().unwrap();
        assert_eq!((reply.code, reply.lines.len()), (250, 3));
        assert_eq!(reply.capability("AUTH").unwrap(), ["AUTH", "PLAIN", "LOGIN"]);
        assert!(reply.capability("STARTTLS").is_some());
        assert_eq!(reply.capability("A.EXAMPLE"), None);
        assert_eq!(buffer, b"220 next");
    }

    #[test]
    fn what_is_no_reply_is_told() {
        for line in ["HTTP/1.1 400 Bad Request\r\n", "25\r\n", "250x\r\n", "\r\n", "\u{e4}\u{f6}\r\n"] {
            assert!(Reply::take(&mut line.as_bytes().to_vec()).is_err(), "{line}");
        }
        assert!(Reply::take(&mut b"250\n".to_vec()).unwrap().is_some());
    }
}
