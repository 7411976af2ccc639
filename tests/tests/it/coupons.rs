//! `regulars coupons`: a pool filled from the command line, and what a member's statement says of what came out of it.

use bundle_tests::Start;
use serde_json::json;

use crate::audit::{kept, regulars};

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_filled_from_a_file_and_with_new_codes_and_a_statement_tells_what_was_claimed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("run");
    let line = kept(&data).await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;

    let file = folder.path().join("codes.txt");
    std::fs::write(&file, "PARTNER-1\nPARTNER-2\n").unwrap();
    let import = ["coupons", "download", "--import", file.to_str().unwrap()];
    let (code, said, errors) = regulars(&import, Some(&data), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert_eq!(
        said,
        "2 codes were added to the pool of download. 2 are left to be given out.\n"
    );
    let (_, said, _) = regulars(&import, Some(&data), None);
    assert!(
        said.contains("0 codes were added") && said.contains("2 were known before"),
        "{said}"
    );
    let (_, said, _) = regulars(&["coupons", "download", "--generate", "3"], Some(&data), None);
    assert!(
        said.contains("3 codes were added") && said.contains("5 are left"),
        "{said}"
    );
    let (_, said, _) = regulars(&["coupons", "download"], Some(&data), None);
    assert_eq!(said, "5 codes of download are left to be given out.\n");
    let (code, _, errors) = regulars(&["coupons", "tote-bag", "--generate", "3"], Some(&data), None);
    assert_eq!(code, 1);
    assert!(errors.contains("those that have are: download"), "{errors}");
    std::fs::write(&file, "PARTNER-3\nNOT A CODE\n").unwrap();
    let (code, _, errors) = regulars(&import, Some(&data), None);
    assert_eq!(code, 1);
    assert!(errors.contains("line 2 of") && errors.contains("a blank"), "{errors}");

    let line = Start {
        data: Some(data.clone()),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("07").await;
    line.purchase("07", "a", "100.00").await;
    for (id, reward) in [("c-1", "download"), ("c-2", "tote-bag")] {
        let claim = json!({"member": "07", "claim": id, "at": line.bundle.now(), "reward": reward});
        line.put("claim", claim).await;
        line.settle().await;
    }
    line.put(
        "cancel-reward",
        json!({"member": "07", "claim": "c-2", "at": line.bundle.now()}),
    )
    .await;
    line.settle().await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;

    let (code, said, errors) = regulars(&["statement", "07"], Some(&data), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    for part in [
        "download, from 20 of 2027-03-31",
        "tote-bag, from 60 of 2027-03-31",
        "tote-bag, back 60 of 2027-03-31",
        "Rewards not used",
        "2026-05-01   download  claim#c-1  code PARTNER-1",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
