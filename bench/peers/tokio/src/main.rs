//! The rows of synchronization on Tokio's current_thread runtime:  locks BENCH COUNT [WARM-UP]
//! Without Tokio's budget, which makes a task yield now and then.
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::{mpsc, Mutex, Semaphore};
use tokio::task::{unconstrained, yield_now, JoinSet, LocalSet};

async fn lock(count: usize) {
    let mutex = Mutex::new(());
    for _ in 0..count {
        drop(mutex.lock().await);
    }
}

async fn lock_handoff(count: usize) {
    let mutex = Rc::new(Mutex::new(()));
    let guard = mutex.lock().await;
    let take = |mutex: Rc<Mutex<()>>| async move {
        for _ in 0..count / 2 {
            drop(mutex.lock().await);
        }
    };
    let first = tokio::task::spawn_local(unconstrained(take(mutex.clone())));
    let second = tokio::task::spawn_local(unconstrained(take(mutex.clone())));
    yield_now().await;
    drop(guard);
    first.await.unwrap();
    second.await.unwrap();
}

async fn semaphore(count: usize) {
    let places = Semaphore::new(2);
    for _ in 0..count {
        drop(places.acquire().await);
    }
}

async fn channel(count: usize) {
    let (sender, mut receiver) = mpsc::channel(100);
    let producer = tokio::task::spawn_local(unconstrained(async move {
        for i in 0..count {
            sender.send(i).await.unwrap();
        }
    }));
    for _ in 0..count {
        receiver.recv().await.unwrap();
    }
    producer.await.unwrap();
}

async fn group(count: usize) {
    for _ in 0..count / 10 {
        let mut tasks = JoinSet::new();
        for _ in 0..10 {
            tasks.spawn_local(async {});
        }
        while tasks.join_next().await.is_some() {}
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (bench, count) = (arguments[1].as_str(), arguments[2].parse::<usize>().unwrap());
    let mut best = f64::MAX;
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let start = Instant::now();
        LocalSet::new().block_on(&runtime, unconstrained(async {
            match bench {
                "lock" => lock(count).await,
                "lock_handoff" => lock_handoff(count).await,
                "semaphore" => semaphore(count).await,
                "channel" => channel(count).await,
                "group" => group(count).await,
                _ => panic!("there is no {bench}"),
            }
        }));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{{\"runtime\": \"Tokio\", \"bench\": \"{bench}\", \"value\": {}, \"unit\": \"ns\"}}", best / count as f64 * 1e9);
}
