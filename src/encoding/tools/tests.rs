use super::*;

fn tools() -> Tools {
    Tools::new(&MoviesConfig::default())
}

async fn shell(script: &str, bounds: Bounds) -> Result<Said, Trouble> {
    let arguments = ["-c", script].map(OsString::from).to_vec();
    tools().run(Path::new("/bin/sh"), arguments, bounds).await
}

const SHORT: Bounds = Bounds {
    time: Duration::from_secs(5),
    output: 100,
};

#[tokio::test]
async fn what_a_tool_says_is_heard() {
    let said = shell("echo out; echo err >&2; exit 3", SHORT)
        .await
        .unwrap();
    assert!(!said.is_success);
    assert_eq!(
        (said.output.as_slice(), said.complaint.as_str()),
        (&b"out\n"[..], "err")
    );
}

#[tokio::test]
async fn a_tool_that_hangs_or_floods_is_ended() {
    let quick = Bounds {
        time: Duration::from_millis(100),
        output: 100,
    };
    let slow = shell("exec sleep 60", quick).await.unwrap_err();
    assert!(matches!(slow, Trouble::TooSlow(_)), "{slow}");
    let flood = shell("exec yes", SHORT).await.unwrap_err();
    assert!(matches!(flood, Trouble::TooMuch(_)), "{flood}");
    let complaints = shell("yes x | head -c 1000000 >&2", SHORT).await.unwrap();
    assert!(complaints.complaint.len() as u64 <= COMPLAINT);
}

#[tokio::test]
async fn long_work_tells_where_it_is_and_has_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("ffmpeg");
    let body = "#!/bin/sh\necho out_time_us=1500000\necho out_time_us=N/A\necho oh dear >&2\n\
        head -c 100000 /dev/zero > \"$(dirname \"$0\")/big\" || exit 3\n";
    std::fs::write(&script, body).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    let mut tools = tools();
    tools.ffmpeg = script;
    let limits = Limits {
        time: Duration::from_secs(10),
        memory: 1 << 30,
        file: 50_000,
    };
    let mut heard = Vec::new();
    let said = tools.encode(Vec::new(), limits, |it| heard.push(format!("{it:?}")));
    let said = said.await.unwrap();
    assert!(
        !said.is_success && said.complaint.contains("oh dear"),
        "{said:?}"
    );
    let all = heard.join(" ");
    assert!(
        all.contains("milliseconds: 1500") && all.contains("oh dear"),
        "{all}"
    );
    assert!(std::fs::metadata(folder.path().join("big")).unwrap().len() <= 50_000);
}

#[tokio::test]
async fn long_work_ends_with_its_time_and_has_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("ffmpeg");
    let mut tools = tools();
    tools.ffmpeg.clone_from(&script);
    let mut limits = Limits {
        time: Duration::from_secs(10),
        memory: 512 << 20,
        file: 50_000,
    };
    // The limits come a moment after the start.
    for (body, time) in [
        ("sleep 0.5; ulimit -v >&2; exit 1", 10_000),
        ("exec sleep 60", 200),
    ] {
        std::fs::write(&script, format!("#!/bin/sh\n{body}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).unwrap();
        limits.time = Duration::from_millis(time);
        match tools.encode(Vec::new(), limits, |_| ()).await {
            Ok(said) => assert_eq!(said.complaint, (512 << 10).to_string()),
            Err(Trouble::TooSlow(_)) if time == 200 => {}
            Err(other) => panic!("{body}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_missing_tool_is_named() {
    let gone = tools()
        .run(Path::new("/nowhere/ffprobe"), Vec::new(), SHORT)
        .await
        .unwrap_err();
    assert_eq!(gone.to_string(), "/nowhere/ffprobe is not installed");
}
