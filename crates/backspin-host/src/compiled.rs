//! The folder of compiled components: each is compiled once and from then on mapped from its file, so that of its code
//! only what runs takes memory.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use wasmtime::component::Component;
use wasmtime::{Engine, InstanceAllocationStrategy};

/// Length of all files, beyond which those that were not used for longest are removed: three applications of the size
/// of Backspin.
const FOLDER_BYTES_MAX: u64 = 1 << 30;

/// What was used so lately is in use, and kept.
const IN_USE: Duration = Duration::from_mins(2);

const EXTENSION: &str = "cwasm";

/// Bytes of a component's digest in the name of its file.
const DIGEST_BYTES: usize = 16;

/// Compiled components, of any application and version.
#[derive(Clone, Debug)]
pub(crate) struct CompiledFolder {
    path: PathBuf,
    /// Held while a component is compiled, which takes all processors, and memory that others would take as well.
    compiling: Arc<Mutex<()>>,
}

impl CompiledFolder {
    /// Makes the folder if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&path)
            .with_context(|| format!("the folder {} for compiled code cannot be used", path.display()))?;
        Ok(Self { path, compiling: Arc::default() })
    }

    /// The component at `source`, compiled for `engine` now or before. Where the folder takes no file (its disk is full,
    /// say), the component is compiled at each start, into memory.
    ///
    /// # Errors
    /// When `source` cannot be read or is no component.
    pub(crate) fn component(&self, engine: &Engine, source: &Path) -> anyhow::Result<Component> {
        let wasm = fs::read(source).with_context(|| format!("{} cannot be read", source.display()))?;
        let file = self.path.join(name(engine, &wasm));
        if let Some(component) = map(engine, &file) {
            touch(&file);
            return Ok(component);
        }
        let _alone = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = compiler_for(engine)?
            .precompile_component(&wasm)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("{} is not a Wasm component", source.display()))?;
        let is_stored = self.store(&file, &compiled).is_ok();
        drop(compiled);
        match map(engine, &file) {
            Some(component) if is_stored => Ok(component),
            _ => Ok(Component::from_binary(engine, &wasm)?),
        }
    }

    /// Writes the file whole or not at all: it is never changed afterwards, for it may be mapped.
    fn store(&self, file: &Path, compiled: &[u8]) -> std::io::Result<()> {
        self.make_room(compiled.len() as u64);
        let mut new = NamedTempFile::new_in(&self.path)?;
        new.write_all(compiled)?;
        // A loss of power must not leave a file of the right name with other contents.
        new.as_file().sync_all()?;
        new.persist(file)?;
        Ok(())
    }

    /// Removes what was not used for longest until `bytes` more have room. Whoever has a removed file mapped keeps it.
    fn make_room(&self, bytes: u64) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == EXTENSION))
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut total = bytes + files.iter().map(|(_, length, _)| length).sum::<u64>();
        let now = SystemTime::now();
        for (used, length, path) in files {
            let is_in_use = now.duration_since(used).is_ok_and(|age| age < IN_USE);
            if total <= FOLDER_BYTES_MAX || is_in_use {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
            }
        }
    }
}

/// An engine that compiles for `engine` and ends with that, for it keeps what it took to do so.
fn compiler_for(engine: &Engine) -> anyhow::Result<Engine> {
    let mut config = engine.config().clone();
    // It makes no instances.
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Ok(Engine::new(&config)?)
}

/// The name says all that the compiled code depends on: the component, and the engine with its settings.
fn name(engine: &Engine, wasm: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let digest = Sha256::digest(wasm);
    let digest: String = digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}-{:016x}.{EXTENSION}", settings.finish())
}

/// The component in a file of this folder, or none if it is not there or not for this engine.
fn map(engine: &Engine, file: &Path) -> Option<Component> {
    #[allow(unsafe_code, reason = "code that was compiled before can only be taken on trust")]
    // SAFETY: files of this name in the folder are written by `store` alone, with what this engine compiled, whole,
    // and never changed. Whoever else may write there may also change the databases and the components.
    unsafe {
        Component::deserialize_file(engine, file).ok()
    }
}

/// Notes that a file is in use.
fn touch(file: &Path) {
    // On a read-only disk nothing is removed either.
    if let Ok(file) = File::options().append(true).open(file) {
        let _ = file.set_modified(SystemTime::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "(component)";

    fn folder() -> (tempfile::TempDir, CompiledFolder, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let source = place.path().join("empty.wasm");
        fs::write(&source, wat::parse_str(EMPTY).unwrap()).unwrap();
        let folder = CompiledFolder::open(place.path().join("compiled")).unwrap();
        (place, folder, source)
    }

    fn files(folder: &CompiledFolder) -> Vec<PathBuf> {
        let mut files: Vec<_> =
            fs::read_dir(&folder.path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn a_component_is_compiled_once() {
        let (_place, folder, source) = folder();
        let engine = Engine::default();
        folder.component(&engine, &source).unwrap();
        let files_before = files(&folder);
        let written = fs::metadata(&files_before[0]).unwrap().len();
        folder.component(&engine, &source).unwrap();
        assert_eq!(files(&folder), files_before);
        assert_eq!((files_before.len(), fs::metadata(&files_before[0]).unwrap().len()), (1, written));
    }

    #[test]
    fn what_is_compiled_is_mapped_by_the_engine_of_the_host() {
        let (_place, folder, source) = folder();
        let engine = crate::engine::create_engine(64 << 20).unwrap();
        folder.component(&engine, &source).unwrap();
        assert!(map(&engine, &files(&folder)[0]).is_some());
    }

    #[test]
    fn another_component_or_engine_has_a_file_of_its_own() {
        let (_place, folder, source) = folder();
        folder.component(&Engine::default(), &source).unwrap();
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        folder.component(&Engine::new(&config).unwrap(), &source).unwrap();
        fs::write(&source, wat::parse_str("(component (core module))").unwrap()).unwrap();
        folder.component(&Engine::default(), &source).unwrap();
        assert_eq!(files(&folder).len(), 3);
    }

    #[test]
    fn a_broken_file_is_written_anew() {
        let (_place, folder, source) = folder();
        folder.component(&Engine::default(), &source).unwrap();
        let file = files(&folder).remove(0);
        fs::write(&file, "broken").unwrap();
        folder.component(&Engine::default(), &source).unwrap();
        assert!(fs::metadata(&file).unwrap().len() > 6);
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let (_place, folder, source) = folder();
        fs::write(&source, "no component").unwrap();
        assert!(folder.component(&Engine::default(), &source).is_err());
        assert!(files(&folder).is_empty());
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let (_place, folder, _) = folder();
        let age = |minutes| SystemTime::now() - Duration::from_mins(minutes);
        for (name, modified) in [("old", age(60)), ("older", age(90)), ("new", age(0))] {
            let file = File::create(folder.path.join(name).with_extension(EXTENSION)).unwrap();
            file.set_len(FOLDER_BYTES_MAX / 2).unwrap();
            file.set_modified(modified).unwrap();
        }
        File::create(folder.path.join("other.txt")).unwrap().set_modified(age(999)).unwrap();
        folder.make_room(0);
        let left: Vec<_> = files(&folder).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(left, ["new.cwasm", "old.cwasm", "other.txt"]);
        folder.make_room(FOLDER_BYTES_MAX);
        assert_eq!(files(&folder).len(), 2);
    }
}
