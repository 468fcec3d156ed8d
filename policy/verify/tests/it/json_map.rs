use std::collections::BTreeMap;

use proptest::prelude::*;
use sealstone_verify::json::{JsonError, Map, parse};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_map_is_as_the_one_of_the_standard_library(steps in prop::collection::vec((0_u8..4, 0_u8..16), 0..64)) {
        let (mut map, mut theirs) = (Map::new(), BTreeMap::new());
        for (value, (step, key)) in steps.into_iter().enumerate() {
            match step {
                0 => prop_assert_eq!(map.remove(&key), theirs.remove(&key)),
                1 => prop_assert_eq!(map.get_or_insert_with(key, || value), theirs.entry(key).or_insert(value)),
                _ => prop_assert_eq!(map.insert(key, value), theirs.insert(key, value)),
            }
            prop_assert_eq!(map.get(&key), theirs.get(&key));
            prop_assert_eq!(map.get_mut(&key), theirs.get_mut(&key));
            prop_assert_eq!(map.contains_key(&key), theirs.contains_key(&key));
            prop_assert_eq!((map.len(), map.is_empty()), (theirs.len(), theirs.is_empty()));
            prop_assert!(map.iter().eq(theirs.iter()));
            prop_assert!(map.keys().eq(theirs.keys()));
            prop_assert!(map.values().eq(theirs.values()));
        }
        prop_assert!(map.into_iter().eq(theirs));
    }

    #[test]
    fn entries_make_a_map_unless_a_key_occurs_twice(keys in prop::collection::vec(any::<u8>(), 0..40)) {
        let entries: Vec<_> = keys.into_iter().zip(0..).collect();
        let theirs: BTreeMap<_, _> = entries.iter().copied().collect();
        let distinct = theirs.len() == entries.len();
        prop_assert!(entries.iter().copied().collect::<Map<u8, i32>>().iter().eq(theirs.iter()));
        match Map::from_entries(entries) {
            Some(map) => prop_assert!(distinct && map.iter().eq(theirs.iter())),
            None => prop_assert!(!distinct),
        }
    }
}

/// What comes first in the text decides, whatever follows.
#[test]
fn the_first_fault_of_an_object_is_named() {
    use JsonError::{DuplicateMember, Malformed, TooDeep};
    for (text, error) in [
        (r#"{"b":1,"a":2,"a":3}"#, DuplicateMember),
        (r#"{"a":1,"b":2,"a":}"#, DuplicateMember),
        (r#"{"a":1,"a"}"#, DuplicateMember),
        (r#"{"a":1,"a":2"#, DuplicateMember),
        (r#"{"a":1,"a":[[]]}"#, DuplicateMember),
        (r#"{"a":1,"a":{"b":1,"b":2}}"#, DuplicateMember),
        (r#"{"a":[[]],"a":1}"#, TooDeep),
        (r#"{"a":{"b":{}},"a":1}"#, TooDeep),
        (r#"{"a":?,"a":1}"#, Malformed),
        (r#"{"a":1,"b":2"#, Malformed),
    ] {
        assert_eq!(parse(text.as_bytes(), 2).unwrap_err(), error, "{text}");
    }
}

/// Members in the order that costs a sorted list most.
#[test]
fn members_in_the_reverse_order_take_no_longer() {
    let members: Vec<_> = (0..200_000)
        .rev()
        .map(|n| format!(r#""{n:06}":0"#))
        .collect();
    let text = format!("{{{}}}", members.join(","));
    let value = parse(text.as_bytes(), 1).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 200_000);
}
