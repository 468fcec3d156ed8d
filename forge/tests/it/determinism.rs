use sealstone_forge::{UnixTime, VirtualSigstore};

use crate::support::{KINDS, identity, keyed, keyless};

#[test]
fn the_same_calls_make_the_same_bytes() {
    for (kind, make) in KINDS {
        let again = VirtualSigstore::new("tests");
        let again = make(again.keyless(&identity()));
        assert_eq!(keyless(*make, None), again, "{kind}");
        assert_eq!(keyed(*make, None), keyed(*make, None), "{kind}");
    }
    let root = || VirtualSigstore::new("tests").trusted_root();
    assert_eq!(root(), root());
}

#[test]
fn other_seeds_and_times_make_other_keys() {
    let sign = |seed: &str, time: u64| {
        let sigstore = VirtualSigstore::new(seed);
        let signer = sigstore.keyless(&identity());
        let evidence = signer.at(UnixTime::from_seconds(time)).sign(b"manifest");
        let bundle: serde_json::Value = serde_json::from_slice(&evidence.unwrap().content).unwrap();
        bundle["messageSignature"]["signature"].clone()
    };
    assert_ne!(sign("a", 1_770_000_000), sign("b", 1_770_000_000));
    assert_ne!(sign("a", 1_770_000_000), sign("a", 1_770_000_001));
    assert_ne!(
        VirtualSigstore::new("a").trusted_root(),
        VirtualSigstore::new("b").trusted_root()
    );
}

#[test]
fn dates() {
    for (date, seconds, text) in [
        ((1970, 1, 1), 0, "1970-01-01T00:00:00Z"),
        ((2000, 2, 29), 951_782_400, "2000-02-29T00:00:00Z"),
        ((2000, 3, 1), 951_868_800, "2000-03-01T00:00:00Z"),
        ((2024, 12, 31), 1_735_603_200, "2024-12-31T00:00:00Z"),
        ((2100, 3, 1), 4_107_542_400, "2100-03-01T00:00:00Z"),
        ((9999, 12, 31), 253_402_214_400, "9999-12-31T00:00:00Z"),
    ] {
        let time = UnixTime::from_date(date.0, date.1, date.2);
        assert_eq!(time.seconds(), seconds, "{text}");
        assert_eq!(time.to_string(), text);
    }
    assert_eq!(
        UnixTime::from_seconds(1_234_567_890).to_string(),
        "2009-02-13T23:31:30Z"
    );
}
