//! Mistakes as a compiler shows them: the line, what is wrong in it, and what mends it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use programme::{Files, Mistake, Severity};

const MARK: char = '\u{feff}';

/// All of them, in the order of the files.
pub fn shown(folder: &str, files: &Files, mistakes: &[Mistake], in_colour: bool) -> String {
    let renderer = if in_colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let shown = mistakes.iter().map(|mistake| {
        let text = files.text(&mistake.file).unwrap_or_default();
        let group = group(format!("{folder}{}", mistake.file), text, mistake);
        format!("{}\n\n", renderer.render(&[group]))
    });
    shown.collect()
}

fn group<'a>(path: String, text: &'a str, mistake: &'a Mistake) -> Group<'a> {
    let level = match mistake.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(mistake.what.as_str());
    let group = if mistake.is_of_whole_file() {
        title.element(Origin::path(path))
    } else {
        // A mark that some editors put before the first line, and nobody sees.
        let mark = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        let text = text.strip_prefix(MARK).unwrap_or(text);
        let bytes = mistake.bytes.start.saturating_sub(mark)..mistake.bytes.end.saturating_sub(mark);
        let annotation = AnnotationKind::Primary.span(bytes);
        title.element(Snippet::source(text).path(path).annotation(annotation))
    };
    match &mistake.mend {
        Some(mend) => group.element(Level::HELP.message(mend.as_str())),
        None => group,
    }
}
