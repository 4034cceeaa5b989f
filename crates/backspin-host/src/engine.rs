//! The Wasm engine: one for the process, with pooled instances and the clock that interrupts busy guests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a guest that computes without a pause gives way to others.
const EPOCH_PERIOD: Duration = Duration::from_micros(500);

/// Ticks of the clock from the start of a request to its first pause: one that is done sooner has none. The tick that is
/// running may end at once.
pub(crate) const TICKS_WITHOUT_PAUSE: u64 = 2;

/// Component instances that may live at once, over all components.
const INSTANCES_MAX: u32 = 1_000;

/// Core instances, tables and stacks that one component may consist of, at the most.
const CORE_PARTS_PER_INSTANCE_MAX: u32 = 20;

/// Bytes of a linear memory that stay mapped when its instance ends, ready for the next one.
const MEMORY_KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Bytes of a stack that stay mapped when its instance ends.
const STACK_KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Makes the engine. `instance_memory_bytes_max` bounds the linear memory of each instance.
///
/// # Errors
/// When neither pooled nor plain instances can be set up.
pub(crate) fn create_engine(instance_memory_bytes_max: usize) -> anyhow::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
    // It tells of an instruction in compiled code where it was in the Wasm, for debug information that there is not.
    config.generate_address_map(false);

    let mut pooled = config.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instance_memory_bytes_max)));
    // The pool reserves terabytes of address space; where that is refused, instances are made one by one.
    match Engine::new(&pooled) {
        Ok(engine) => Ok(engine),
        Err(_) => Ok(Engine::new(&config)?),
    }
}

fn pool(instance_memory_bytes_max: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(INSTANCES_MAX)
        .total_core_instances(INSTANCES_MAX * CORE_PARTS_PER_INSTANCE_MAX)
        .total_memories(INSTANCES_MAX)
        .total_tables(INSTANCES_MAX * CORE_PARTS_PER_INSTANCE_MAX)
        .total_stacks(INSTANCES_MAX * 2)
        .max_core_instances_per_component(CORE_PARTS_PER_INSTANCE_MAX)
        .max_memories_per_component(4)
        .max_tables_per_component(CORE_PARTS_PER_INSTANCE_MAX)
        .max_memory_size(instance_memory_bytes_max)
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT_BYTES)
        .async_stack_keep_resident(STACK_KEEP_RESIDENT_BYTES);
    pool
}

/// Advances the engine's epoch until dropped, so that a busy guest yields every [`EPOCH_PERIOD`].
pub(crate) struct EpochTicker {
    stop: Arc<AtomicBool>,
}

impl EpochTicker {
    /// Starts the ticking thread.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (engine.weak(), stop.clone());
        std::thread::Builder::new().name("epoch".into()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(EPOCH_PERIOD);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => break,
                }
            }
        })?;
        Ok(Self { stop })
    }
}

impl Drop for EpochTicker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
