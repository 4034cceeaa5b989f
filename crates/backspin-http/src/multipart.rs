//! `multipart/form-data` that is there as a whole.

use std::convert::Infallible;

use backspin_core::{Error, Result, limits};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream;
use multer::{Field, Multipart};

use crate::Upload;

/// One part of a form.
pub(crate) enum Part {
    Text { name: String, text: String },
    File(Upload),
}

/// The parts in their order; `None` if the body is broken.
///
/// A part with a file name is a file. Errors: 400 if a part has no name, is a text that is not UTF-8, or
/// is encoded once more; 400 beyond [`limits::FORM_VALUES_MAX`].
pub(crate) fn read(content_type: &str, body: Bytes) -> Result<Option<Vec<Part>>> {
    let Ok(boundary) = multer::parse_boundary(content_type) else { return Ok(None) };
    let whole = stream::once(async move { Ok::<_, Infallible>(body) });
    let mut multipart = Multipart::new(whole, boundary);
    let mut parts = Vec::new();
    // Nothing is waited for, as all of the body is there: what is not ready is cut off.
    while let Some(Ok(field)) = multipart.next_field().now_or_never() {
        let Some(field) = field else { return Ok(Some(parts)) };
        if parts.len() == limits::FORM_VALUES_MAX {
            let max = limits::FORM_VALUES_MAX;
            return Err(Error::bad_request(format!("A form may have at most {max} parts.")));
        }
        let Some(part) = part(field)? else { return Ok(None) };
        parts.push(part);
    }
    Ok(None)
}

fn part(field: Field<'_>) -> Result<Option<Part>> {
    let Some(name) = field.name().map(str::to_owned) else {
        return Err(Error::bad_request("Each part of a form needs a name in its Content-Disposition."));
    };
    let encoding = field.headers().get("content-transfer-encoding").map(|value| value.as_bytes());
    if encoding.is_some_and(|encoding| !is_plain(encoding)) {
        return Err(Error::bad_request("The parts of a form are sent as they are, without an encoding."));
    }
    let file_name = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned);
    let media_type = field.content_type().map(|media_type| media_type.to_string());
    let Some(Ok(bytes)) = field.bytes().now_or_never() else { return Ok(None) };
    if let Some(file_name) = file_name {
        return Ok(Some(Part::File(Upload { field: name, file_name, media_type, bytes })));
    }
    match String::from_utf8(bytes.into()) {
        Ok(text) => Ok(Some(Part::Text { name, text })),
        Err(_) => Err(Error::bad_request("The texts of a form must be UTF-8.")),
    }
}

fn is_plain(encoding: &[u8]) -> bool {
    [b"7bit".as_slice(), b"8bit", b"binary"].iter().any(|plain| encoding.eq_ignore_ascii_case(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Option<Vec<(String, String)>>> {
        let parts =
            super::read("multipart/form-data; boundary=\"b d\"", Bytes::copy_from_slice(body.as_bytes()))?;
        Ok(parts.map(|parts| parts.into_iter().map(described).collect()))
    }

    fn described(part: Part) -> (String, String) {
        match part {
            Part::Text { name, text } => (name, text),
            Part::File(file) => {
                (format!("{} as {}", file.field, file.file_name), format!("{:?}", file.bytes))
            }
        }
    }

    fn one(headers: &str, text: &str) -> String {
        format!("--b d\r\n{headers}\r\n\r\n{text}\r\n--b d--\r\n")
    }

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let expected = expected.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        assert_eq!(read(body).unwrap(), Some(expected), "{body:?}");
    }

    #[test]
    fn names_and_texts_come_as_they_were_sent() {
        check(&one("Content-Disposition: form-data; name=\"tags+\"", ""), &[("tags+", "")]);
        check(
            &one("content-disposition:form-data; name=\"ü;=\"", "a\r\n--b\r\n\0"),
            &[("ü;=", "a\r\n--b\r\n\0")],
        );
        check("--b d--", &[]);
        check(
            &format!("preamble\r\n{}epilogue", one("Content-Disposition: form-data; name=\"a\"", "1")),
            &[("a", "1")],
        );
    }

    #[test]
    fn what_has_a_file_name_is_a_file() {
        let file = |name: &str| {
            one(&format!("Content-Disposition: form-data; name=\"f\"; filename=\"{name}\""), "x")
        };
        check(&file("a.txt"), &[("f as a.txt", "b\"x\"")]);
        // A browser sends an input without a chosen file so.
        check(&file(""), &[("f", "x")]);
    }

    #[test]
    fn broken_bodies_are_not_read() {
        let disposition = "Content-Disposition: form-data; name=\"a\"";
        for body in [
            "",
            "x",
            "--b d",
            "--b d\r\n",
            &format!("--b d\r\n{disposition}"),
            &format!("--b d\r\n{disposition}\r\n\r\nvalue"),
            &format!("--b d\r\n{disposition}\r\n\r\nvalue\r\n--b d"),
            &one(&"X: y\r\n".repeat(100), "1"),
        ] {
            assert_eq!(read(body).unwrap(), None, "{body:?}");
        }
        assert!(super::read("multipart/form-data", Bytes::from_static(b"--b--")).unwrap().is_none());
    }

    #[test]
    fn parts_that_would_be_read_wrongly_are_refused() {
        let disposition = "Content-Disposition: form-data; name=\"a\"";
        for headers in [
            "X: y",
            "Content-Disposition: form-data",
            &format!("{disposition}\r\nContent-Transfer-Encoding: base64"),
        ] {
            assert_eq!(read(&one(headers, "1")).unwrap_err().status(), 400, "{headers}");
        }
        let body = Bytes::from_static(b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--b--");
        assert_eq!(
            super::read("multipart/form-data; boundary=b", body).map(|_| ()).unwrap_err().status(),
            400
        );
        let many =
            one(disposition, "1").replace("--b d--\r\n", "").repeat(limits::FORM_VALUES_MAX + 1) + "--b d--";
        assert_eq!(read(&many).unwrap_err().status(), 400);
    }
}
