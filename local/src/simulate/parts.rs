//! Records in parts that are read one at a time: of a file that does not fit into memory, on disk.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use tempfile::SpooledTempFile;

/// Rows that could not be kept.
#[derive(Debug, thiserror::Error)]
#[error(
    "the orders are put by member in a temporary file in {}, and that failed: {why}; make room there for about as much as \
     the orders' file takes, or name another folder in TMPDIR",
    folder.display()
)]
pub struct KeepError {
    folder: PathBuf,
    why: io::Error,
}

/// How rows are put in parts.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) parts: usize,
    /// Bytes that are written at once.
    pub(super) block: usize,
    /// From so many bytes on they are on disk.
    pub(super) in_memory: usize,
    pub(super) folder: PathBuf,
}

/// A part takes about so many bytes of a file: a core reads one whole, and there may be many cores.
const PART: u64 = 16 << 20;
/// Fewer parts would leave cores without work at the end.
const FEWEST: usize = 256;
/// Each part in the making holds a block: these, half a gigabyte.
const MOST: usize = 1 << 14;

impl Layout {
    /// For a file of so many bytes.
    pub(super) fn of(bytes: u64) -> Self {
        Self {
            parts: usize::try_from(bytes / PART).unwrap_or(MOST).clamp(FEWEST, MOST),
            block: 1 << 15,
            in_memory: 1 << 26,
            folder: std::env::temp_dir(),
        }
    }
}

/// Where the blocks of all parts lie. What was on disk is gone when the process is, however it ends.
#[derive(Debug)]
pub(super) struct Room {
    file: SpooledTempFile,
    layout: Layout,
    end: u64,
    free: Vec<u64>,
}

/// Records in the order in which they came: where their blocks begin, and what fills none yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    blocks: Vec<u64>,
    rest: Vec<u8>,
}

impl Room {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            file: tempfile::spooled_tempfile_in(layout.in_memory, &layout.folder),
            layout,
            end: 0,
            free: Vec::new(),
        }
    }

    /// Puts something at the end of a part.
    pub(super) fn put(&mut self, part: &mut Part, record: &[u8]) -> Result<(), KeepError> {
        part.rest.extend_from_slice(record);
        while let Some(block) = part.rest.get(..self.layout.block) {
            let at = self.free.pop().unwrap_or(self.end);
            let written = self
                .file
                .seek(SeekFrom::Start(at))
                .and_then(|_| self.file.write_all(block));
            written.map_err(|why| self.failed(why))?;
            self.end = self.end.max(at + u64::try_from(block.len()).unwrap_or_default());
            part.blocks.push(at);
            part.rest.drain(..self.layout.block);
        }
        Ok(())
    }

    /// All that was put into a part.
    pub(super) fn read(&mut self, part: &Part) -> Result<Vec<u8>, KeepError> {
        let mut all = vec![0; part.blocks.len() * self.layout.block];
        for (block, at) in all.chunks_mut(self.layout.block).zip(&part.blocks) {
            let read = self
                .file
                .seek(SeekFrom::Start(*at))
                .and_then(|_| self.file.read_exact(block));
            read.map_err(|why| self.failed(why))?;
        }
        all.extend_from_slice(&part.rest);
        Ok(all)
    }

    /// Takes all that was put into a part out: its room is used again.
    pub(super) fn take(&mut self, part: Part) -> Result<Vec<u8>, KeepError> {
        let all = self.read(&part)?;
        self.free.extend(part.blocks);
        Ok(all)
    }

    fn failed(&self, why: io::Error) -> KeepError {
        let folder = self.layout.folder.clone();
        KeepError { folder, why }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn layout(in_memory: usize) -> Layout {
        Layout {
            parts: 3,
            block: 16,
            in_memory,
            ..Layout::of(0)
        }
    }

    #[test]
    fn what_is_put_into_a_part_is_read_from_it_in_order_and_its_room_is_used_again() {
        for in_memory in [0, 100, usize::MAX] {
            let mut room = Room::new(layout(in_memory));
            let mut parts = vec![Part::default(); 3];
            let mut put = vec![Vec::new(); 3];
            for number in 0..200_u8 {
                let nth = usize::from(number) * 7 % 3;
                let record = vec![number; usize::from(number) % 40];
                room.put(&mut parts[nth], &record).unwrap();
                put[nth].extend(record);
            }
            for (part, put) in parts.iter().zip(&put) {
                assert_eq!(&room.read(part).unwrap(), put);
            }
            let end = room.end;
            assert!(end > 1_000, "{end}");
            let first = room.take(parts.remove(0)).unwrap();
            let mut again = Part::default();
            room.put(&mut again, &first).unwrap();
            assert_eq!((room.end, room.read(&again).unwrap()), (end, first));
            assert_eq!(room.read(&parts[1]).unwrap(), put[2]);
        }
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named_with_the_mend() {
        let folder = PathBuf::from("/nowhere/at/all");
        let mut room = Room::new(Layout { folder, ..layout(20) });
        let mut part = Part::default();
        room.put(&mut part, &[1; 16]).unwrap();
        let said = room.put(&mut part, &[2; 16]).unwrap_err().to_string();
        assert!(said.contains("in /nowhere/at/all, and that failed: "), "{said}");
        assert!(said.ends_with("name another folder in TMPDIR"), "{said}");
    }

    #[test]
    fn parts_grow_in_number_and_not_in_size() {
        let parts = |bytes| Layout::of(bytes).parts;
        assert_eq!(
            [parts(0), parts(5 << 30), parts(64 << 30), parts(u64::MAX)],
            [256, 320, 4_096, 16_384]
        );
    }
}
