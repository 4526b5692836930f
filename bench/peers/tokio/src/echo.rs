//! The echo server of bench/echo and bench/pipelined on Tokio's current_thread runtime, a task to each connection. With BYTES each request of so
//! many bytes is answered by itself, and the answers to what came together leave together:  echo PORT [BYTES]
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpSocket, TcpStream};

async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 128 << 10];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn answer(mut stream: TcpStream, size: usize) -> std::io::Result<()> {
    let (input, output) = stream.split();
    let (mut reader, mut writer) = (BufReader::new(input), BufWriter::new(output));
    let mut request = vec![0; size];
    loop {
        reader.read_exact(&mut request).await?;
        writer.write_all(&request).await?;
        if reader.buffer().len() < size {
            writer.flush().await?;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).expect("echo PORT [BYTES]");
    let size: Option<usize> = std::env::args().nth(2).map(|bytes| bytes.parse().expect("a number of bytes"));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(format!("127.0.0.1:{port}").parse().expect("a port"))?;
    let listener = socket.listen(1024)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        match size {
            Some(size) => tokio::spawn(answer(stream, size)),
            None => tokio::spawn(serve(stream)),
        };
    }
}
