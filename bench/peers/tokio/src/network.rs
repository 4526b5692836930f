//! The servers of bench/network on Tokio's current_thread runtime:  network accept|udp PORT
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

async fn echo_connections(address: &str) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::task::spawn_local(async move {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
        });
    }
}

async fn echo_datagrams(address: &str) -> std::io::Result<()> {
    let socket = UdpSocket::bind(address).await?;
    let mut buffer = [0; 65536];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).await?;
        socket.send_to(&buffer[..count], sender).await?;
    }
}

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let address = format!("127.0.0.1:{}", words[2]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        match words[1].as_str() {
            "udp" => echo_datagrams(&address).await,
            _ => echo_connections(&address).await,
        }
    })
}
