//! The module's memory: what is given back is wiped, so that no secret outlives its owner.
#![expect(unsafe_code, reason = "an allocator is made of it")]

use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

/// How much of the stack may hold something of a call that is over, bytes.
const STACK: usize = 16 * 1024;

/// A third of the bytes of the standard library's, and faster.
struct Wiping(WasmDynamicTalc);

#[global_allocator]
static ALLOCATOR: Wiping = Wiping(new_wasm_dynamic_allocator());

// SAFETY: everything is passed on, and a block is written to only while it is its owner's. A block that grows is copied
// to a new one, so that the old one is wiped too.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is as long as its layout says, and nobody uses it any more.
        unsafe {
            block.write_bytes(0, layout.size());
            self.0.dealloc(black_box(block), layout);
        }
    }
}

/// Wipes what calls have left on the stack: digests and blocks of them lie there.
#[inline(never)]
pub fn wipe_stack() {
    black_box(&mut [0_u8; STACK]);
}
