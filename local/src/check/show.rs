//! Mistakes as a compiler shows them: the line, what is wrong in it, and what mends it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use programme::{Files, Mistake, Severity};

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
        let annotation = AnnotationKind::Primary.span(mistake.bytes.clone());
        title.element(Snippet::source(text).path(path).annotation(annotation))
    };
    match &mistake.mend {
        Some(mend) => group.element(Level::HELP.message(mend.as_str())),
        None => group,
    }
}
