//! bench/AsyncioSharp.Processes on Tokio's current_thread runtime:  processes [COUNT [AT-ONCE]]
use std::time::Instant;
use tokio::process::Command;
use tokio::task::JoinSet;

async fn run(count: usize, at_once: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..at_once {
        tasks.spawn_local(async move {
            for _ in 0..count / at_once {
                Command::new("/bin/true").status().await.unwrap();
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<usize>().unwrap());
    let (count, at_once) = (numbers.next().unwrap_or(1000), numbers.next().unwrap_or(16));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        run(count, at_once).await;
        let start = Instant::now();
        run(count, at_once).await;
        println!("{:28} {:8.0} us a process, {at_once} at once", "Tokio", start.elapsed().as_secs_f64() / count as f64 * 1e6);
    });
}
