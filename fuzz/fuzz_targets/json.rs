#![no_main]

use libfuzzer_sys::fuzz_target;
use sealstone_fuzz::targets;

fuzz_target!(|data: &[u8]| targets::json(data));
